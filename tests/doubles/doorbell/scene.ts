/**
 * What is in front of a camera at a moment: a pure function of the place, the time, the seed, and the
 * visits that were asked for. It knows nothing of pixels, so that a test can ask who is at the door.
 */
import { chanceOf } from './chance.ts';
import type { Ground } from './perspective.ts';
import {
  positionOn,
  type RoutePosition,
  routeSeconds,
  secondsToFirstStop,
  type Waypoint,
} from './route.ts';

/** What can come by. A courier brings a parcel and leaves it. */
export type VisitKind = 'visitor' | 'courier' | 'dog';

/** One coming and going. */
export interface Visit {
  readonly kind: VisitKind;
  /** Wall clock. */
  readonly startMs: number;
  /** Which of the looks of its kind. */
  readonly who: number;
}

/** The ways of a place. */
export interface Routes {
  readonly person: readonly Waypoint[];
  readonly dog: readonly Waypoint[];
  /** Where a parcel is put down. */
  readonly parcel: Ground;
}

/** Somebody or some dog in the scene. */
export interface Actor extends RoutePosition {
  readonly kind: VisitKind;
  readonly who: number;
  /** Courier: the parcel is still in their arms. */
  readonly carrying: boolean;
}

/** See the head of this file. */
export interface Scene {
  /** 0 night, 1 day, and what is between at dusk and dawn. */
  readonly daylight: number;
  /** Farthest first, as they are drawn. */
  readonly actors: readonly Actor[];
  readonly parcel: Ground | undefined;
  /** What was heard since a moment ago is derived from these; wall clock. */
  readonly pressedMs: number | undefined;
  readonly barkedMs: number | undefined;
}

/** What the scene of a place depends on. */
export interface SceneSettings {
  readonly routes: Routes;
  /** Cameras with different seeds have different visitors. */
  readonly seed: number;
  /** Share of slots in which somebody comes by unasked: 0 nobody, 1 always. */
  readonly liveliness: number;
  /** Added to wall-clock time to get the time of day that the place lives by. */
  readonly utcOffsetMs: number;
  readonly light: LightSetting;
}

/** Day or night for good, or as the clock has it. */
export type LightSetting = 'clock' | 'day' | 'night';

/** A brisk walk, and a trot, in m/s. */
const PERSON_SPEED = 1.25;
const DOG_SPEED = 1.7;

/** Somebody comes by at most once in so long a time: a street with neighbours, not a station. */
export const SLOT_MS = 50_000;

/** A visit begins in the first part of its slot. */
const START_WITHIN_MS = 12_000;

/** Somebody at home takes a parcel in after this time. */
const PARCEL_STAYS_MS = 90_000;

/** Seconds after arriving until the bell is pressed. */
export const PRESS_AFTER_S = 1;

/** Seconds after arriving: a dog that wants to come in. */
const BARKS_AFTER_S = [0.8, 2.2];

const HOUR_MS = 3_600_000;

/** Dawn and dusk by the clock of the place: an autumn day, the same all year. */
const DAWN_MS = [6.5 * HOUR_MS, 7.5 * HOUR_MS] as const;
const DUSK_MS = [17.5 * HOUR_MS, 18.5 * HOUR_MS] as const;

/** Dusk in so many steps: each is a redrawn picture, and none of them is seen as a step. */
const DAYLIGHT_STEPS = 32;

/** 0 at night, 1 by day, by the time of day of the place. */
export function daylightAt(localMs: number): number {
  const ofDayMs = ((localMs % (24 * HOUR_MS)) + 24 * HOUR_MS) % (24 * HOUR_MS);
  const risen = (ofDayMs - DAWN_MS[0]) / (DAWN_MS[1] - DAWN_MS[0]);
  const left = (DUSK_MS[1] - ofDayMs) / (DUSK_MS[1] - DUSK_MS[0]);
  const share = Math.min(1, Math.max(0, Math.min(risen, left)));
  return Math.round(share * DAYLIGHT_STEPS) / DAYLIGHT_STEPS;
}

/** The visits that come unasked and may still be seen at a moment. */
export function visitsAround(wallMs: number, settings: SceneSettings): Visit[] {
  const slot = Math.floor(wallMs / SLOT_MS);
  const visits: Visit[] = [];
  // A parcel lies for two slots after a courier came.
  for (let index = slot - 3; index <= slot; index += 1) {
    const visit = visitOf(index, settings);
    if (visit !== undefined) visits.push(visit);
  }
  return visits;
}

function visitOf(slot: number, { seed, liveliness }: SceneSettings): Visit | undefined {
  const chance = (what: string): number => chanceOf(`${what} ${String(seed)}`, slot);
  if (chance('comes') >= liveliness) return undefined;
  const kinds: readonly VisitKind[] = ['visitor', 'dog', 'visitor', 'courier', 'dog'];
  return {
    kind: kinds[Math.floor(chance('kind') * kinds.length)]!,
    startMs: slot * SLOT_MS + Math.round(chance('start') * START_WITHIN_MS),
    who: Math.floor(chance('who') * 1_000),
  };
}

/** The scene at a moment; `asked`: visits beside those that come unasked. */
export function sceneAt(
  wallMs: number,
  settings: SceneSettings,
  asked: readonly Visit[] = [],
): Scene {
  const { routes, light, utcOffsetMs } = settings;
  const visits = [...visitsAround(wallMs, settings), ...asked];
  const actors = visits
    .flatMap((visit) => actorOf(visit, routes, wallMs) ?? [])
    .sort((one, other) => other.z - one.z);
  const parcel = visits.some((visit) => {
    const { downMs } = momentsOf(visit, routes);
    return downMs !== undefined && wallMs >= downMs && wallMs < downMs + PARCEL_STAYS_MS;
  });
  const daylight = { clock: daylightAt(wallMs + utcOffsetMs), day: 1, night: 0 }[light];
  return {
    daylight,
    actors,
    parcel: parcel ? routes.parcel : undefined,
    pressedMs: latest(
      visits.map((visit) => momentsOf(visit, routes).pressMs),
      wallMs,
    ),
    barkedMs: latest(
      visits.flatMap((visit) => momentsOf(visit, routes).barksMs),
      wallMs,
    ),
  };
}

/** How long a visit lasts, from out of sight to out of sight. */
export function visitMs(kind: VisitKind, routes: Routes): number {
  const [route, speed] = wayOf(kind, routes);
  return Math.round(routeSeconds(route, speed) * 1_000);
}

/** What happens when during a visit; wall clock. */
export function momentsOf(
  { kind, startMs }: Visit,
  routes: Routes,
): {
  arriveMs: number;
  pressMs: number | undefined;
  downMs: number | undefined;
  barksMs: number[];
} {
  const [route, speed] = wayOf(kind, routes);
  const arriveMs = startMs + Math.round(secondsToFirstStop(route, speed) * 1_000);
  const person = kind !== 'dog';
  return {
    arriveMs,
    pressMs: person ? arriveMs + PRESS_AFTER_S * 1_000 : undefined,
    // After the bell was pressed with the other hand.
    downMs: kind === 'courier' ? arriveMs + PRESS_AFTER_S * 1_000 + 1_500 : undefined,
    barksMs: person ? [] : BARKS_AFTER_S.map((seconds) => arriveMs + seconds * 1_000),
  };
}

function actorOf(visit: Visit, routes: Routes, wallMs: number): Actor | undefined {
  const [route, speed] = wayOf(visit.kind, routes);
  const position = positionOn(route, speed, (wallMs - visit.startMs) / 1_000);
  if (position === undefined) return undefined;
  const { downMs } = momentsOf(visit, routes);
  const carrying = downMs !== undefined && wallMs < downMs;
  return { ...position, kind: visit.kind, who: visit.who, carrying };
}

function wayOf(kind: VisitKind, routes: Routes): [readonly Waypoint[], number] {
  return kind === 'dog' ? [routes.dog, DOG_SPEED] : [routes.person, PERSON_SPEED];
}

function latest(moments: readonly (number | undefined)[], wallMs: number): number | undefined {
  const past = moments.filter((ms) => ms !== undefined && ms <= wallMs) as number[];
  return past.length === 0 ? undefined : Math.max(...past);
}
