/** A guest who guesses passwords cannot lock the owner out: not by failing, not by asking all at once. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OWNER, TestApi } from '../../doubles/test-api.ts';

let box: TestApi;

beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
});
afterEach(() => box.close());

async function signIn(remoteAddress: string, password: string): Promise<number> {
  const payload = { username: OWNER.username, password };
  const options = { method: 'POST', url: '/api/session', payload, remoteAddress } as const;
  return (await box.send(options)).statusCode;
}

it.each([
  ['another address', '192.168.1.66', '192.168.1.5'],
  ['another network of IPv6', 'fd00:0:0:1::66', 'fd00:0:0:2::5'],
])('%s gets in while the guest is refused', async (_what, guest, owner) => {
  const refused: number[] = [];
  for (let tries = 0; tries < 8; tries += 1) refused.push(await signIn(guest, `guess ${tries}`));
  expect(refused).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
  expect(await signIn(guest, OWNER.password)).toBe(429);
  expect(await signIn(owner, OWNER.password)).toBe(200);
});

it('changing the address within its own /64 helps the guest nothing', async () => {
  for (let tries = 0; tries < 5; tries += 1) await signIn(`fd00::${tries}`, 'guess');
  expect(await signIn('fd00::abcd:1', 'guess')).toBe(429);
});

it('the guest’s failures do not end what the owner is signed in to, nor the password typed again', async () => {
  for (let tries = 0; tries < 30; tries += 1) await signIn('192.168.1.66', 'guess');
  expect((await box.asOwner({ url: '/api/session' })).statusCode).toBe(200);
  const payload = { password: OWNER.password };
  const unlock = await box.asOwner({ method: 'POST', url: '/api/unlock', payload });
  expect(unlock.statusCode).toBe(204);
});

it('a flood at one moment leaves room for others, and is no more than four at once', async () => {
  const flood = Array.from({ length: 30 }, (_, at) => signIn('192.168.1.66', `guess ${at}`));
  const own = signIn('192.168.1.5', OWNER.password);
  const answers = await Promise.all(flood);
  expect(await own).toBe(200);
  expect(answers.filter((status) => status === 401)).toHaveLength(4);
  expect(answers.filter((status) => status === 429)).toHaveLength(26);
});
