import { expect, expectTypeOf, it } from 'vitest';
import { GAP_REASONS, type GapReason } from '../../../server/contract/recording.ts';
import type { RunEndReason } from '../../../server/ingest/stream-run.ts';

it('has a gap reason for every way in which a run ends, and the box’s own', () => {
  expectTypeOf<RunEndReason>().toExtend<GapReason>();
  expectTypeOf<Exclude<GapReason, RunEndReason>>().toEqualTypeOf<
    | 'server-stopped'
    | 'server-crashed'
    | 'index-lost'
    | 'damaged'
    | 'disk-full'
    | 'wrong-disk'
    | 'disk-too-slow'
    | 'write-failed'
    | 'long-key-frame-interval'
  >();
  expect(new Set(GAP_REASONS).size).toBe(GAP_REASONS.length);
});
