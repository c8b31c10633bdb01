/**
 * How long the real server takes to refuse a recovery must not tell whether the name, the key or its
 * form was wrong. Alone, because it compares tenths of a second.
 */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import { newIdentity } from '../../server/age/identity.ts';
import { DoorkeepServer, OWNER } from '../doubles/doorkeep-server.ts';

/** Of each kind. */
const ROUNDS = 12;

/** How far medians may lie apart, as a share of the one they are compared with. One argon2id too few is
 * about 50 %; the same kind measured twice lay 1 to 9 % apart (docs/threat-model.md). */
const SHARE_MAX = 0.25;

const clock = new SystemClock();

describe.skipIf(process.platform !== 'linux')('a recovery that is refused', () => {
  let server: DoorkeepServer;
  let asked = 0;

  beforeAll(async () => {
    server = await DoorkeepServer.start();
    // Signed in, so the key process stays, and its start is in none of the times.
    await server.setUp();
  });

  afterAll(async () => {
    await server.dispose();
  });

  /** Asks from an address that has not asked before, so that nothing is throttled. */
  function msOf(body: Record<string, string>): Promise<number> {
    asked += 1;
    const payload = JSON.stringify(body);
    const startedMs = clock.monotonicMs();
    return new Promise((resolve, reject) => {
      const sent = request(`${server.baseUrl}/api/recovery`, {
        method: 'POST',
        agent: false,
        localAddress: `127.0.1.${String(asked)}`,
        headers: { 'content-type': 'application/json' },
      });
      sent.on('error', reject);
      sent.on('response', (answer) => {
        answer.resume().on('end', () => {
          if (answer.statusCode === 401) resolve(clock.monotonicMs() - startedMs);
          else reject(new Error(`recovery answered ${String(answer.statusCode)}`));
        });
      });
      sent.end(payload);
    });
  }

  it('takes as long for an unknown name as for a wrong key and for a malformed one', async () => {
    const newPassword = 'four even wombats at dusk';
    const { username } = OWNER;
    const wrong = { username, recoveryKey: await newIdentity(), newPassword };
    const kinds = {
      wrongKey: wrong,
      wrongKeyAgain: wrong,
      unknownName: { username: 'nobody', recoveryKey: server.recoveryKey, newPassword },
      malformedKey: { username, recoveryKey: 'not a key at all', newPassword },
    };
    const names = Object.keys(kinds) as (keyof typeof kinds)[];
    await msOf(wrong);
    const times = new Map(names.map((name) => [name, [] as number[]]));
    for (let round = 0; round < ROUNDS; round += 1) {
      // In turn, and each round begins with another one: what the machine does besides meets all alike.
      for (let place = 0; place < names.length; place += 1) {
        const name = names[(round + place) % names.length]!;
        times.get(name)!.push(await msOf(kinds[name]));
      }
    }
    const medians = Object.fromEntries(names.map((name) => [name, median(times.get(name)!)]));
    const shares = Object.fromEntries(
      names.map((name) => [name, Math.abs(medians[name]! / medians.wrongKey! - 1)]),
    );
    process.stdout.write(`${JSON.stringify({ medians, noise: shares.wrongKeyAgain, shares })}\n`);
    expect(shares.unknownName).toBeLessThan(SHARE_MAX);
    expect(shares.malformedKey).toBeLessThan(SHARE_MAX);
  });
});

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
