import { describe, expect, it } from 'vitest';
import { isRefusalReport } from '../../../server/egress/refusal-report.ts';

const REFUSED = {
  ...{ way: 'connection', to: '203.0.113.9:443', reason: 'not-announced' },
  who: { kind: 'program', name: 'server/keys/key-holder' },
};

describe('what a process of ours may report', () => {
  it('is a refusal', () => {
    expect(isRefusalReport({ refused: REFUSED })).toBe(true);
  });

  it.each([
    [{}],
    [null],
    [{ id: 1, answer: { type: 'done' } }],
    [{ refused: { ...REFUSED, way: 'constructor' } }],
    [{ refused: { ...REFUSED, to: 'x'.repeat(129) } }],
    [{ refused: { ...REFUSED, more: 1 } }],
    [{ refused: REFUSED, id: 1 }],
  ])('is nothing else: %j', (message) => {
    expect(isRefusalReport(message)).toBe(false);
  });
});
