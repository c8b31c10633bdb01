/** What can be heard, and when. */
import { describe, expect, it } from 'vitest';
import { momentsOf, type SceneSettings, type Visit } from '../../../doubles/doorbell/scene.ts';
import { PORCH } from '../../../doubles/doorbell/scenery/porch.ts';
import { muLaw, soundPacket } from '../../../doubles/doorbell/sound.ts';

const NOON_MS = Date.UTC(2026, 10, 22, 12);
const settings: SceneSettings = {
  ...{ routes: PORCH.routes, seed: 1, liveliness: 0, utcOffsetMs: 0, light: 'clock' },
};

/** ITU-T G.711 table 2a, the other way. */
function loudest(packet: Buffer): number {
  return packet.reduce((most, code) => {
    const bits = ~code & 0xff;
    const magnitude = ((((bits & 0x0f) << 3) + 132) << ((bits >> 4) & 7)) - 132;
    return Math.max(most, magnitude / 32_768);
  }, 0);
}

describe('µ-law', () => {
  it.each([
    [0, 0xff],
    [1, 0x80],
    [-1, 0x00],
    [0.5, 0x8f],
    [0.49, 0x90],
  ])('of %d is %d', (sample, code) => {
    expect(muLaw(sample)).toBe(code);
  });
});

describe('the sound of the porch', () => {
  const visit = (kind: Visit['kind']): Visit => ({ kind, startMs: NOON_MS, who: 0 });

  it('is 20 ms of a little wind when nobody is there', () => {
    const packet = soundPacket(NOON_MS, settings, []);
    expect(packet).toHaveLength(160);
    expect(loudest(packet)).toBeLessThan(0.05);
    expect(soundPacket(NOON_MS, settings, [])).toEqual(packet);
  });

  it('chimes when the bell is pressed, and not before', () => {
    const { pressMs } = momentsOf(visit('visitor'), PORCH.routes);
    expect(loudest(soundPacket(pressMs! + 40, settings, [visit('visitor')]))).toBeGreaterThan(0.15);
    expect(loudest(soundPacket(pressMs! - 400, settings, [visit('visitor')]))).toBeLessThan(0.1);
  });

  it('barks when the dog does', () => {
    const [barkMs] = momentsOf(visit('dog'), PORCH.routes).barksMs;
    expect(loudest(soundPacket(barkMs! + 80, settings, [visit('dog')]))).toBeGreaterThan(0.2);
  });

  it('has steps, regular ones, while somebody walks up', () => {
    const { arriveMs } = momentsOf(visit('visitor'), PORCH.routes);
    const packets = Array.from({ length: 150 }, (_, index) =>
      loudest(soundPacket(arriveMs - 3_000 + index * 20, settings, [visit('visitor')])),
    );
    const steps = packets.filter((value, at) => value > 0.04 && (packets[at - 1] ?? 0) <= 0.04);
    expect(steps.length).toBeGreaterThanOrEqual(4);
    expect(steps.length).toBeLessThanOrEqual(8);
  });
});
