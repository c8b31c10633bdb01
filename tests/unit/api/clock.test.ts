import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { TestApi } from '../../doubles/test-api.ts';

const url = '/api/clock';

let box: TestApi;

beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
});
afterEach(() => box.close());

/** The box's time, moved. */
function time(byMs = 0): string {
  return new Date(box.clock.wallMs() + byMs).toISOString();
}

describe('/api/clock', () => {
  it('says what the box believes, and every answer carries it', async () => {
    const answer = await box.asOwner({ url });
    expect(answer.json()).toEqual({ time: time(), source: 'nobody' });
    expect(answer.headers.date).toBe(new Date(box.clock.wallMs()).toUTCString());
  });

  it('compares another clock, whatever its zone', async () => {
    const payload = { time: time(-90_000), withinMs: 40 };
    const answer = await box.asOwner({ method: 'POST', url, payload });
    expect(answer.json()).toEqual({ time: time(), source: 'nobody', aheadMs: 90_000 });
    const there = { time: '2026-01-01T14:00:00+02:00', withinMs: 0 };
    const same = await box.asOwner({ method: 'POST', url, payload: there });
    expect(same.json<{ aheadMs: number }>().aheadMs).toBe(
      box.clock.wallMs() - Date.UTC(2026, 0, 1, 12),
    );
    expect(box.time.adopted).toEqual([]);
  });

  it('takes a clock when a person says so', async () => {
    const payload = { time: time(3_600_000), withinMs: 40, adopt: true };
    const answer = await box.asOwner({ method: 'POST', url, payload });
    expect(answer.json()).toMatchObject({ source: 'person' });
    expect(box.time.adopted).toHaveLength(1);
  });

  it('says why it does not', async () => {
    box.time.trouble = new AppError('conflict', 'This box has its time from the network.', {
      reason: 'clock-from-network',
      hint: 'Look at the date of this phone.',
    });
    const payload = { time: time(), withinMs: 40, adopt: true };
    const answer = await box.asOwner({ method: 'POST', url, payload });
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ reason: 'clock-from-network' });
  });

  it.each([
    {},
    { time: '2026-01-01T12:00:00Z' },
    { time: '2026-02-30T12:00:00Z', withinMs: 0 },
    { time: 'yesterday', withinMs: 0 },
    { time: '2026-01-01T12:00:00Z', withinMs: -1 },
    { time: '2026-01-01T12:00:00Z', withinMs: 10_001 },
    { time: '2026-01-01T12:00:00Z', withinMs: 1.5 },
    { time: '2026-01-01T12:00:00Z', withinMs: 0, adopt: 'yes' },
    { time: '2026-01-01T12:00:00Z', withinMs: 0, set: true },
  ])('refuses %j', async (payload) => {
    const answer = await box.asOwner({ method: 'POST', url, payload });
    expect(answer.statusCode).toBe(400);
  });

  it('is nobody else’s', async () => {
    expect((await box.send({ url })).statusCode).toBe(401);
    const payload = { time: time(), withinMs: 0 };
    expect((await box.send({ method: 'POST', url, payload })).statusCode).toBe(401);
  });
});
