/** How people come in, change their password and get a new one. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { InvitationSeen, MadeInvitation, People } from '../../../server/contract/people.ts';
import { OWNER, TestApi } from '../../doubles/test-api.ts';
import type { PeopleChange } from '../../../server/auth/people.ts';
import {
  addPerson,
  addTwoCameras,
  invite,
  PERSON_PASSWORD,
  PORCH,
  signInAs,
} from '../../fixtures/household-people.ts';

let box: TestApi;
let changes: PeopleChange[];

beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
  addTwoCameras(box);
  changes = [];
  box.base.auth.people.onPeopleChanged((change) => changes.push(change));
});
afterEach(() => box.close());

function claim(secret: string, username?: string, password = PERSON_PASSWORD, from = '10.0.0.7') {
  return box.send({
    ...{ method: 'POST', url: '/api/invitations/claim', remoteAddress: from },
    payload: { secret, ...(username && { username }), password },
  });
}

const DAY_MS = 24 * 3_600_000;

it('a link says what it is for, brings somebody in once, and is told to everybody', async () => {
  const { secret } = await invite(box, 'Sam', { cameras: [PORCH], mayExport: true });
  const look = () =>
    box.send({ method: 'POST', url: '/api/invitations/look', payload: { secret } });
  expect((await look()).json<InvitationSeen>()).toEqual({
    ...{ name: 'Sam', role: 'member', mayExport: true, isNewPassword: false },
  });
  expect((await claim(secret, 'Sam')).json<object>()).toEqual({ user: 'Sam', role: 'member' });
  expect((await claim(secret, 'Kim')).statusCode).toBe(401);
  expect((await look()).statusCode).toBe(401);
  const sam = await signInAs(box, 'Sam');
  expect((await sam.ask({ url: '/api/session' })).json<object>()).toMatchObject({
    ...{ user: 'Sam', role: 'member', mayExport: true, locked: false },
  });
  expect(changes.map(({ kind, name }) => [kind, name])).toEqual([
    ['invited', 'Sam'],
    ['joined', 'Sam'],
  ]);
});

it('two who use it at the same moment: one comes in', async () => {
  const { secret } = await invite(box, 'Sam');
  const both = await Promise.all([claim(secret, 'Sam'), claim(secret, 'Kim')]);
  expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([201, 401]);
});

it('it ends after a day, when it is taken back, and at a new key', async () => {
  const late = await invite(box, 'Late', { role: 'viewer' });
  await box.clock.advance(DAY_MS);
  expect((await claim(late.secret, 'Late')).statusCode).toBe(401);
  await box.signIn();
  const gone = await invite(box, 'Gone');
  const url = `/api/invitations/${gone.id}`;
  expect((await box.asOwner({ method: 'DELETE', url })).statusCode).toBe(204);
  expect((await box.asOwner({ method: 'DELETE', url })).statusCode).toBe(404);
  expect((await claim(gone.secret, 'Gone')).statusCode).toBe(401);
  expect(box.base.keys.invited.size).toBe(0);
  const old = await invite(box, 'Old');
  const payload = { password: OWNER.password };
  await box.asOwner({ method: 'POST', url: '/api/keys', payload });
  expect((await claim(old.secret, 'Old')).statusCode).toBe(401);
});

it('it is asked with the password, and for a member with the past open', async () => {
  const payload = { name: 'Sam', role: 'member', mayExport: false, cameras: null };
  const ask = (password: string) =>
    box.asOwner({ method: 'POST', url: '/api/invitations', payload: { ...payload, password } });
  expect((await ask('wrong')).statusCode).toBe(401);
  await box.asOwner({ method: 'POST', url: '/api/lock', payload: {} });
  expect((await ask(OWNER.password)).statusCode).toBe(423);
  const viewer = { ...payload, role: 'viewer', password: OWNER.password };
  const made = await box.asOwner({ method: 'POST', url: '/api/invitations', payload: viewer });
  expect(made.statusCode).toBe(201);
  const { secret } = made.json<MadeInvitation>();
  const stored = JSON.stringify(box.base.db.all({ sql: 'SELECT * FROM invitation', read: String }));
  expect(stored).not.toContain(secret);
});

it.each([
  ['a name that somebody has', 'ADA', PERSON_PASSWORD, 409],
  ['no name', undefined, PERSON_PASSWORD, 422],
  ['a password that everybody tries', 'Sam', 'password1', 422],
  ['the own name as password', 'Samantha', 'samantha', 422],
])('%s does not come in, and the link still works', async (_what, name, password, status) => {
  const { secret } = await invite(box, 'Sam');
  expect((await claim(secret, name, password)).statusCode).toBe(status);
  expect((await claim(secret, 'Sam')).statusCode).toBe(201);
});

it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
  'a person may be called %s, and is nobody else',
  async (name) => {
    const person = await addPerson(box, name, { role: 'viewer' });
    expect((await person.ask({ url: '/api/session' })).json<object>()).toMatchObject({
      ...{ user: name, role: 'viewer' },
    });
    expect((await person.ask({ url: '/api/tokens' })).statusCode).toBe(403);
  },
);

it('secrets that are guessed are counted by address, and keep nobody else out', async () => {
  const { secret } = await invite(box, 'Sam');
  for (let tries = 0; tries < 5; tries += 1) {
    expect((await claim('A'.repeat(43), 'Eve', PERSON_PASSWORD, '10.0.0.66')).statusCode).toBe(401);
  }
  expect((await claim(secret, 'Eve', PERSON_PASSWORD, '10.0.0.66')).statusCode).toBe(429);
  expect((await claim(secret, 'Sam')).statusCode).toBe(201);
});

it('one’s own password is changed with the old one, and every other session ends', async () => {
  const here = await addPerson(box, 'Sam');
  const elsewhere = await signInAs(box, 'Sam');
  const change = (password: string, newPassword: string) =>
    here.ask({
      ...{ method: 'POST', url: '/api/session/password' },
      payload: { password, newPassword },
    });
  expect((await change('wrong', 'six plain herons')).statusCode).toBe(401);
  expect((await change(PERSON_PASSWORD, '12345678')).statusCode).toBe(422);
  expect((await elsewhere.ask({ url: '/api/session' })).statusCode).toBe(200);
  expect((await change(PERSON_PASSWORD, 'six plain herons')).statusCode).toBe(204);
  expect((await here.ask({ url: '/api/session' })).statusCode).toBe(200);
  expect((await elsewhere.ask({ url: '/api/session' })).statusCode).toBe(401);
  await expect(signInAs(box, 'Sam')).rejects.toThrow();
  const again = await signInAs(box, 'Sam', 'six plain herons');
  expect((await again.ask({ url: '/api/session' })).json<object>()).toMatchObject({
    locked: false,
  });
});

it('the owner gives a new password by a link; the old one and its sessions end with it', async () => {
  const sam = await addPerson(box, 'Sam', { cameras: [PORCH] });
  const made = await box.asOwner({
    ...{ method: 'POST', url: `/api/people/${sam.id}/invitation` },
    payload: { password: OWNER.password },
  });
  const { secret } = made.json<MadeInvitation>();
  expect((await sam.ask({ url: '/api/session' })).statusCode).toBe(200);
  expect((await claim(secret, 'ignored', 'six plain herons')).json<object>()).toEqual({
    ...{ user: 'Sam', role: 'member' },
  });
  expect((await sam.ask({ url: '/api/session' })).statusCode).toBe(401);
  await expect(signInAs(box, 'Sam')).rejects.toThrow();
  const back = await signInAs(box, 'Sam', 'six plain herons');
  expect(back.id).toBe(sam.id);
  const { people } = (await box.asOwner({ url: '/api/people' })).json<People>();
  expect(people.find(({ id }) => id === sam.id)?.cameras).toEqual([PORCH]);
});

it('a viewer becomes a member by a link, with a key', async () => {
  const guest = await addPerson(box, 'Guest', { role: 'viewer' });
  const made = await box.asOwner({
    ...{ method: 'POST', url: `/api/people/${guest.id}/invitation` },
    payload: { password: OWNER.password, role: 'member' },
  });
  await claim(made.json<MadeInvitation>().secret);
  const member = await signInAs(box, 'Guest');
  expect((await member.ask({ url: '/api/session' })).json<object>()).toMatchObject({
    ...{ role: 'member', locked: false },
  });
});
