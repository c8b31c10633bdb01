import { describe, expect, it } from 'vitest';
import {
  KernelLayer,
  type KernelLayerName,
  type KernelTry,
} from '../../../server/confine/kernel-layer.ts';
import type { ProbeAnswers } from '../../../server/egress/kernel-probe.ts';
import { TestClock } from '../../doubles/test-clock.ts';

const HELD: ProbeAnswers = { v4: 'refused', v6: 'refused' };
const OPEN: ProbeAnswers = { v4: 'left', v6: 'no-way' };
const HALF: ProbeAnswers = { v4: 'refused', v6: 'left' };
const ALONE: ProbeAnswers = { v4: 'no-way', v6: 'no-way' };

const HOUR_MS = 3_600_000;

function layerOf(expected: KernelLayerName | undefined, answers: ProbeAnswers[]) {
  const clock = new TestClock();
  const kept: KernelTry[] = [];
  const layer = new KernelLayer({
    ...{ clock, expected },
    probe: () => Promise.resolve(answers[Math.min(kept.length, answers.length - 1)]!),
    keep: (tried) => kept.push(tried),
  });
  return { clock, kept, layer };
}

describe('the kernel’s layer', () => {
  it.each([
    ['systemd', HELD, 'active', 'absent'],
    ['nftables', HELD, 'absent', 'active'],
    ['systemd', OPEN, 'broken', 'absent'],
    ['nftables', HALF, 'absent', 'broken'],
    ['systemd', ALONE, 'untried', 'absent'],
    [undefined, OPEN, 'absent', 'absent'],
    // Rules that somebody else wrote.
    [undefined, HELD, 'absent', 'active'],
  ] as const)('expected of %s, and %j: %s, %s', async (expected, answers, systemd, nftables) => {
    const { layer } = layerOf(expected, [answers]);
    await layer.tryNow();
    expect([layer.stateOf('systemd'), layer.stateOf('nftables')]).toEqual([systemd, nftables]);
  });

  it('is untried before the first try', () => {
    const { layer } = layerOf('systemd', [HELD]);
    expect(layer.stateOf('systemd')).toBe('untried');
    expect(layer.last).toBeUndefined();
  });

  it('is tried at the start and each hour, and a layer that is taken away is noticed', async () => {
    const { clock, kept, layer } = layerOf('nftables', [HELD, HELD, OPEN]);
    const stop = new AbortController();
    const running = layer.run(stop.signal);
    await clock.advance(0);
    expect(layer.stateOf('nftables')).toBe('active');
    await clock.advance(HOUR_MS);
    await clock.advance(HOUR_MS);
    expect(layer.stateOf('nftables')).toBe('broken');
    expect(kept).toHaveLength(3);
    stop.abort();
    await running;
  });

  it('is never tried by itself where nobody told the kernel: the try would leave the box', async () => {
    const { clock, kept, layer } = layerOf(undefined, [OPEN]);
    await layer.run(new AbortController().signal);
    await clock.advance(24 * HOUR_MS);
    expect(kept).toEqual([]);
  });
});
