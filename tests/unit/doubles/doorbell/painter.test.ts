/** The picture of a scene: right where it matters, drawn only where it has to be, and always the same. */
import { describe, expect, it } from 'vitest';
import { clockText, readClock } from '../../../doubles/doorbell/overlay.ts';
import { joined, Painter } from '../../../doubles/doorbell/painter.ts';
import {
  momentsOf,
  type Scene,
  sceneAt,
  type SceneSettings,
  type Visit,
} from '../../../doubles/doorbell/scene.ts';
import { PORCH } from '../../../doubles/doorbell/scenery/porch.ts';

const SIZE = { width: 360, height: 480 };
const NOON_MS = Date.UTC(2026, 10, 22, 12);
const settings: SceneSettings = {
  ...{ routes: PORCH.routes, seed: 1, liveliness: 0, utcOffsetMs: 0, light: 'clock' },
};
const dog: Visit = { kind: 'dog', startMs: NOON_MS, who: 0 };
const atDoorMs = momentsOf(dog, PORCH.routes).arriveMs + 3_000;

function paint(painter: Painter, wallMs: number, scene: Scene): Buffer {
  painter.draw(scene, wallMs, { clock: clockText(wallMs, 0), timeCodeMs: undefined });
  return Buffer.from(painter.picture.bytes);
}

function mean(bytes: Buffer): number {
  const luma = bytes.subarray(0, SIZE.width * SIZE.height);
  return luma.reduce((sum, value) => sum + value, 0) / luma.length;
}

describe('the painter', () => {
  const painter = new Painter(PORCH, SIZE);
  const empty = (wallMs: number): Buffer => paint(painter, wallMs, sceneAt(wallMs, settings));

  it('writes a clock that can be read', () => {
    empty(NOON_MS + 5_000);
    expect(readClock(painter.picture.luma, SIZE)).toBe('2026-11-22 12:00:05');
  });

  it('is bright by day and dark by night, and between the two at dusk', () => {
    const [day, dusk, night] = [0, 6, 10].map((hours) => mean(empty(NOON_MS + hours * 3_600_000)));
    expect(day! - dusk!).toBeGreaterThan(15);
    expect(dusk! - night!).toBeGreaterThan(15);
  });

  it('shows somebody who is there, and nobody after they left', () => {
    const before = empty(atDoorMs);
    const withDog = paint(painter, atDoorMs, sceneAt(atDoorMs, settings, [dog]));
    // From head to paws, and from chest to tail: where the way to the door stops.
    const [left, top] = painter.view.pixelOf(-0.6, 0.95, 2.15);
    const [right, bottom] = painter.view.pixelOf(0.25, -0.05, 2.15);
    const inside = (at: number): boolean => {
      const [x, y] = [at % SIZE.width, Math.floor(at / SIZE.width)];
      return x >= left && x < right && y >= top && y < bottom;
    };
    const changed = Array.from({ length: SIZE.width * SIZE.height }, (_, at) => at).filter(
      (at) => Math.abs(withDog[at]! - before[at]!) > 6,
    );
    expect(changed.length).toBeGreaterThan(0.03 * SIZE.width * SIZE.height);
    expect(changed.filter(inside).length / changed.length).toBeGreaterThan(0.95);
    expect(empty(atDoorMs)).toEqual(before);
  });

  it('draws only what changed', () => {
    const scene = sceneAt(atDoorMs, settings, [dog]);
    const text = { clock: clockText(atDoorMs, 0), timeCodeMs: undefined };
    painter.draw(scene, atDoorMs, text);
    const areas = painter.draw(scene, atDoorMs + 66, text);
    const drawn = areas.reduce((sum, { width, height }) => sum + width * height, 0);
    expect(drawn / (SIZE.width * SIZE.height)).toBeLessThan(0.35);
    const nobody = sceneAt(atDoorMs, settings);
    painter.draw(nobody, atDoorMs, text);
    expect(painter.draw(nobody, atDoorMs, text)).toEqual([]);
  });

  it('comes to the same picture frame by frame as at once', () => {
    const other = new Painter(PORCH, SIZE);
    for (let ms = atDoorMs - 2_000; ms <= atDoorMs; ms += 100) {
      paint(painter, ms, sceneAt(ms, settings, [dog]));
    }
    const stepwise = Buffer.from(painter.picture.bytes);
    expect(paint(other, atDoorMs, sceneAt(atDoorMs, settings, [dog])).equals(stepwise)).toBe(true);
  });
});

describe('areas', () => {
  it('that overlap become one, also by way of a third', () => {
    const square = (x: number) => ({ x, y: 0, width: 10, height: 10 });
    expect(joined([square(0), square(30)])).toHaveLength(2);
    expect(joined([square(0), square(16), square(8)])).toEqual([
      { x: 0, y: 0, width: 26, height: 10 },
    ]);
    expect(joined([{ x: 0, y: 0, width: 0, height: 10 }])).toEqual([]);
  });
});
