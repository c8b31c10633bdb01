/**
 * Draws the scene of a place, frame by frame, into one picture. Only where something moved since the
 * frame before is drawn anew: from what stands still, who is there, and what hides them.
 */
import { drawDog, DOGS } from './dog.ts';
import { drawOverlay, overlayAreas, type OverlayText } from './overlay.ts';
import { drawParcelOnGround } from './parcel.ts';
import { drawPerson } from './person.ts';
import { COURIER, PEOPLE } from './person-look.ts';
import { type Ground, Perspective } from './perspective.ts';
import { lightOn, moonlight, nightLight, type Place } from './place.ts';
import { Canvas, intersection, type Rect } from './raster/canvas.ts';
import { Layer } from './raster/layer.ts';
import { Pen } from './raster/pen.ts';
import { evenArea, type Size, YuvPicture } from './raster/yuv-picture.ts';
import { type Actor, PRESS_AFTER_S, type Scene } from './scene.ts';
import { drawSky } from './scenery/surroundings.ts';

/** A place by one light: what stands still, and what can hide somebody. */
interface Backdrop {
  readonly back: Layer;
  readonly occluders: readonly { readonly z: number; readonly layer: Layer }[];
}

/** How far somebody and their shadow reach around where they stand, in metres. */
interface Reach {
  readonly side: number;
  readonly above: number;
  readonly below: number;
}

const PERSON_REACH: Reach = { side: 0.66, above: 1.98, below: 0.16 };
const DOG_REACH: Reach = { side: 0.62, above: 1.05, below: 0.14 };
const PARCEL_REACH: Reach = { side: 0.42, above: 0.32, below: 0.12 };

/** An arm goes up to the bell, stays, and comes down: seconds around the press. */
const ARM_UP_S = 0.4;
const ARM_STAYS_S = 0.6;

/** Numbers of a week keep their milliseconds in sums with small ones. */
const WEEK_MS = 604_800_000;

/** See the head of this file. */
export class Painter {
  readonly picture: YuvPicture;
  readonly view: Perspective;
  readonly #place: Place;
  readonly #day: Backdrop;
  readonly #night: Backdrop;
  #shown: { readonly daylight: number; readonly backdrop: Backdrop } | undefined;
  #drawn: readonly Rect[] = [];
  #text: OverlayText | undefined;

  /** Draws the place by day and by night, which takes a second; after that frames are quick. */
  constructor(place: Place, size: Size) {
    this.picture = new YuvPicture(size);
    this.view = new Perspective(size, place.eye);
    this.#place = place;
    this.#day = this.#backdrop(false);
    this.#night = this.#backdrop(true);
  }

  /** Brings the picture to a scene; `wallMs` moves what breathes, blinks and wags. Answers the areas
   * that it drew. */
  draw(scene: Scene, wallMs: number, text: OverlayText): readonly Rect[] {
    const { size } = this.picture;
    const areas = this.#areasOf(scene).map((area) => evenArea(area, size));
    const written = overlayAreas(size, this.#text, text).map((area) => evenArea(area, size));
    const turned = this.#shown?.daylight !== scene.daylight;
    const shown = turned ? this.#turnTo(scene.daylight) : this.#shown!.backdrop;
    const whole = { x: 0, y: 0, ...size };
    const changed = turned ? [whole] : joined([...this.#drawn, ...areas, ...written]);
    for (const area of changed) this.#redraw(area, shown, { scene, wallMs, text });
    this.#drawn = areas;
    this.#text = text;
    return changed;
  }

  #redraw(area: Rect, backdrop: Backdrop, moment: Moment): void {
    const { scene, text } = moment;
    const canvas = new Canvas(area);
    backdrop.back.copyTo(canvas);
    const things = backdrop.occluders.map(({ z, layer }) => ({
      z,
      draw: (): void => {
        layer.drawOn(canvas);
      },
    }));
    for (const actor of scene.actors) {
      const draw = (): void => {
        this.#drawActor(canvas, actor, moment);
      };
      things.push({ z: actor.z, draw });
    }
    const { parcel } = scene;
    if (parcel !== undefined) {
      const draw = (): void => {
        drawParcelOnGround(this.#penAt(canvas, parcel, { daylight: scene.daylight }));
      };
      things.push({ z: parcel.z, draw });
    }
    for (const { draw } of things.sort((one, other) => other.z - one.z)) draw();
    drawOverlay(canvas, this.picture.size, text);
    this.picture.write(canvas);
  }

  #drawActor(canvas: Canvas, actor: Actor, { scene, wallMs }: Moment): void {
    const { kind, who, walkedM, heading, carrying, stoppedS } = actor;
    const { daylight, barkedMs } = scene;
    const mirrored = heading === 'left';
    const motion = {
      walkedM,
      walking: stoppedS === undefined,
      seconds: (wallMs % WEEK_MS) / 1_000,
    };
    if (kind === 'dog') {
      const look = DOGS[who % DOGS.length]!;
      const pen = this.#penAt(canvas, actor, { daylight, mirrored, size: look.size });
      const barkedS = barkedMs === undefined ? undefined : (wallMs - barkedMs) / 1_000;
      drawDog(pen, look, { ...motion, barkedS });
      return;
    }
    const look = kind === 'courier' ? COURIER : PEOPLE[who % PEOPLE.length]!;
    const pen = this.#penAt(canvas, actor, { daylight, mirrored, size: look.height });
    const view = ({ towards: 'front', away: 'back', left: 'side', right: 'side' } as const)[
      heading
    ];
    drawPerson(pen, look, { ...motion, view, carrying, reach: reachAt(stoppedS) });
  }

  #penAt(
    canvas: Canvas,
    at: Ground,
    {
      daylight,
      mirrored = false,
      size = 1,
    }: { daylight: number; mirrored?: boolean; size?: number },
  ): Pen {
    const [x, y] = this.view.pixelOf(at.x, 0, at.z);
    const light = lightOn(this.#place, at, daylight);
    return new Pen(canvas, { x, y, scale: this.view.scaleAt(at.z) * size, mirrored, light });
  }

  #areasOf({ actors, parcel }: Scene): Rect[] {
    const around = ({ x, z }: Ground, { side, above, below }: Reach): Rect => {
      const [left, top] = this.view.pixelOf(x - side, above, z).map(Math.floor) as [number, number];
      const [right, bottom] = this.view.pixelOf(x + side, -below, z);
      return { x: left, y: top, width: Math.ceil(right) - left, height: Math.ceil(bottom) - top };
    };
    return [
      ...actors.map((actor) => around(actor, actor.kind === 'dog' ? DOG_REACH : PERSON_REACH)),
      ...(parcel === undefined ? [] : [around(parcel, PARCEL_REACH)]),
    ];
  }

  #turnTo(daylight: number): Backdrop {
    const [night, day] = [this.#night, this.#day];
    let backdrop = daylight === 0 ? night : day;
    if (daylight > 0 && daylight < 1) {
      backdrop = {
        back: Layer.between(night.back, day.back, daylight),
        occluders: day.occluders.map(({ z, layer }, index) => ({
          z,
          layer: Layer.between(night.occluders[index]!.layer, layer, daylight),
        })),
      };
    }
    this.#shown = { daylight, backdrop };
    return backdrop;
  }

  #backdrop(night: boolean): Backdrop {
    const [place, view] = [this.#place, this.view];
    const whole = { x: 0, y: 0, ...this.picture.size };
    const sky = new Canvas(whole);
    drawSky(sky, view, night);
    for (const [draw, lit] of [
      [place.drawFar, moonlight],
      [place.drawGround, nightLight(place, view)],
    ] as const) {
      const canvas = new Canvas(whole);
      draw(canvas, view);
      if (night) canvas.shade(lit);
      sky.over(canvas);
    }
    if (night) place.drawGlow(sky, view);
    const occluders = place.occluders.map(({ z, draw }) => {
      const canvas = new Canvas(whole);
      draw(canvas, view);
      if (night) canvas.shade(nightLight(place, view, z));
      return { z, layer: Layer.of(canvas) };
    });
    return { back: Layer.of(sky), occluders };
  }
}

interface Moment {
  readonly scene: Scene;
  readonly wallMs: number;
  readonly text: OverlayText;
}

/** How far an arm is raised to the bell, 0 to 1, so many seconds after arriving. */
function reachAt(stoppedS: number | undefined): number {
  if (stoppedS === undefined) return 0;
  const up = (stoppedS - (PRESS_AFTER_S - ARM_UP_S)) / ARM_UP_S;
  const down = (PRESS_AFTER_S + ARM_STAYS_S + ARM_UP_S - stoppedS) / ARM_UP_S;
  return Math.min(1, Math.max(0, Math.min(up, down)));
}

/** Rectangles that overlap as one, so that no pixel is drawn twice; empty ones left out. */
export function joined(areas: readonly Rect[]): Rect[] {
  const apart: Rect[] = [];
  for (const area of areas) {
    if (area.width === 0 || area.height === 0) continue;
    let whole = area;
    for (let index = apart.length - 1; index >= 0; index -= 1) {
      const shared = intersection(whole, apart[index]!);
      if (shared.width === 0 || shared.height === 0) continue;
      whole = around(whole, apart[index]!);
      apart.splice(index, 1);
      // It has grown, and may now reach those it was compared with before.
      index = apart.length;
    }
    apart.push(whole);
  }
  return apart;
}

function around(a: Rect, b: Rect): Rect {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  const width = Math.max(a.x + a.width, b.x + b.width) - x;
  return { x, y, width, height: Math.max(a.y + a.height, b.y + b.height) - y };
}
