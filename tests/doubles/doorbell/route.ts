/** A way over the ground, walked at a steady pace, with stops. Pure. */
import type { Ground } from './perspective.ts';

/** A place on the way, and how long somebody stays there. */
export interface Waypoint extends Ground {
  readonly stopS?: number;
}

/** Where somebody on a route is. */
export interface RoutePosition extends Ground {
  /** Where they look: along their way, or ahead of it while they stop. */
  readonly heading: Heading;
  /** Since the start, in metres: what legs are moved by. */
  readonly walkedM: number;
  /** Seconds since they stopped here; undefined while they walk. */
  readonly stoppedS: number | undefined;
}

/** Seen from the camera. */
export type Heading = 'towards' | 'away' | 'left' | 'right';

/** How far sideways a way may lead and still be seen from the front. */
const SIDEWAYS_SHARE = 1.1;

/** Seconds from one end of a route to the other. */
export function routeSeconds(route: readonly Waypoint[], speed: number): number {
  let seconds = 0;
  for (const { stopS = 0, lengthM } of legsOf(route)) seconds += stopS + lengthM / speed;
  return seconds;
}

/** Where somebody is `seconds` after the start; undefined before it and after the end. */
export function positionOn(
  route: readonly Waypoint[],
  speed: number,
  seconds: number,
): RoutePosition | undefined {
  if (seconds < 0) return undefined;
  let [left, walkedM] = [seconds, 0];
  let heading: Heading = 'towards';
  for (const { from, to, stopS, lengthM } of legsOf(route)) {
    if (left < stopS) return { ...from, heading: 'towards', walkedM, stoppedS: left };
    left -= stopS;
    heading = headingOf(from, to);
    const share = lengthM === 0 ? 1 : (left * speed) / lengthM;
    if (share < 1) {
      const [x, z] = [from.x + (to.x - from.x) * share, from.z + (to.z - from.z) * share];
      return { x, z, heading, walkedM: walkedM + left * speed, stoppedS: undefined };
    }
    left -= lengthM / speed;
    walkedM += lengthM;
  }
  return undefined;
}

/** Seconds from the start until somebody arrives at the first stop. */
export function secondsToFirstStop(route: readonly Waypoint[], speed: number): number {
  let seconds = 0;
  for (const { stopS, lengthM } of legsOf(route)) {
    if (stopS > 0) return seconds;
    seconds += lengthM / speed;
  }
  return seconds;
}

interface Leg {
  readonly from: Ground;
  readonly to: Ground;
  /** Stay at `from` before leaving it. */
  readonly stopS: number;
  readonly lengthM: number;
}

function legsOf(route: readonly Waypoint[]): Leg[] {
  return route.slice(1).map((to, index) => {
    const from = route[index]!;
    const lengthM = Math.hypot(to.x - from.x, to.z - from.z);
    return { from: { x: from.x, z: from.z }, to, stopS: from.stopS ?? 0, lengthM };
  });
}

function headingOf(from: Ground, to: Ground): Heading {
  const [dx, dz] = [to.x - from.x, to.z - from.z];
  if (Math.abs(dx) > Math.abs(dz) * SIDEWAYS_SHARE) return dx > 0 ? 'right' : 'left';
  return dz > 0 ? 'away' : 'towards';
}
