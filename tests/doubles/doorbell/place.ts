/** A place in front of a camera: what stands there, how it is lit, and which ways lead through it. */
import type { Eye, Ground, Perspective } from './perspective.ts';
import type { Canvas } from './raster/canvas.ts';
import { mixed, type Light } from './raster/paint.ts';
import type { Routes } from './scene.ts';

/** The names of the places. */
export type PlaceName = 'porch' | 'garden' | 'garage';

/** Something that hides whoever goes behind it. */
export interface Occluder {
  /** Distance in metres; farther actors are behind it. */
  readonly z: number;
  draw: (canvas: Canvas, view: Perspective) => void;
}

/** A lamp that burns at night. */
export interface Lamp extends Ground {
  readonly heightM: number;
  /** Where its light has fallen to half, in metres. */
  readonly reachM: number;
  readonly strength: number;
}

/** See the head of this file. */
export interface Place {
  readonly eye: Eye;
  readonly routes: Routes;
  readonly lamps: readonly Lamp[];
  /** What lies beyond the reach of the lamps, without the sky; painted as by day. */
  drawFar: (canvas: Canvas, view: Perspective) => void;
  /** What lies nearer, and still behind everybody; painted as by day. */
  drawGround: (canvas: Canvas, view: Perspective) => void;
  /** Nearest last. */
  readonly occluders: readonly Occluder[];
  /** What shines by itself at night, over the darkened ground. */
  drawGlow: (canvas: Canvas, view: Perspective) => void;
}

/** What is left at night without a lamp: blue, because eyes see it so. */
const MOONLIGHT: Light = [0.15, 0.19, 0.32];

/** The colour of the lamps: old bulbs. */
const LAMPLIGHT: Light = [1.02, 0.78, 0.5];

/** People and dogs are lit as what is at this height, in metres. */
const LIT_HEIGHT_M = 1.1;

/** The light that falls on somebody at a place, by daylight of 0 to 1. */
export function lightOn(place: Place, { x, z }: Ground, daylight: number): Light {
  const lamplight = lamplightAt(place, { x, y: LIT_HEIGHT_M, z });
  const at = (channel: 0 | 1 | 2): number => {
    const dark = MOONLIGHT[channel] + LAMPLIGHT[channel] * lamplight;
    return dark + (1 - dark) * daylight;
  };
  return [at(0), at(1), at(2)];
}

/** The light at a pixel of something that stands still; red, green and blue as factors. */
export type LightAt = (x: number, y: number, light: Float32Array) => void;

/** What no lamp reaches. */
export function moonlight(_x: number, _y: number, light: Float32Array): void {
  light.set(MOONLIGHT);
}

/** The light on something upright at a distance; undefined: on the ground, and on what stands at the
 * end of it. */
export function nightLight(place: Place, view: Perspective, upright?: number): LightAt {
  const { heightM } = place.eye;
  return (px, py, light) => {
    const below = (py - view.horizonY) / view.scaleAt(1);
    const z = upright ?? Math.min(GROUND_ENDS_M, heightM / Math.max(below, 1e-3));
    const x = (px - view.size.width / 2) / view.scaleAt(z);
    const lamplight = lamplightAt(place, { x, y: heightM - below * z, z });
    for (let channel = 0; channel < 3; channel += 1) {
      light[channel] = MOONLIGHT[channel]! + LAMPLIGHT[channel]! * lamplight;
    }
  };
}

/** Trees and fences at the end of the ground stand so far away, in metres. */
const GROUND_ENDS_M = 8.5;

function lamplightAt({ lamps }: Place, at: { x: number; y: number; z: number }): number {
  let sum = 0;
  for (const { x, z, heightM, reachM, strength } of lamps) {
    const squared = (at.x - x) ** 2 + (at.y - heightM) ** 2 + (at.z - z) ** 2;
    sum += strength / (1 + squared / (reachM * reachM));
  }
  return sum;
}

/** A colour as wood that the sun has bleached here and there: boards differ. */
export function weathered(colour: number, share: number): number {
  return mixed(mixed(colour, 0x4a342a, 0.12), mixed(colour, 0xfff0d8, 0.16), share);
}
