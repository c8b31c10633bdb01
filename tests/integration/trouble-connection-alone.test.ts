/** Cameras whose connection is in trouble, each beside all others in one household. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Camera } from '../../server/contract/camera.ts';
import type { GapReason } from '../../server/contract/recording.ts';
import { answers } from '../doubles/rtsp-camera/trouble.ts';
import { expectBack, expectTrue, expectUntouched } from '../fixtures/trouble-checks.ts';
import {
  type Account,
  type HomeCamera,
  PATH,
  type Trouble,
  TroubledHome,
} from '../fixtures/troubled-home.ts';
import { ffprobeAvailable } from '../fixtures/test-ffmpeg.ts';

const TRIES = 'Doorkeep keeps trying.';

interface Case {
  readonly name: string;
  readonly login?: 'digest' | 'basic';
  readonly trouble: (home: TroubledHome) => Trouble & { reason: GapReason };
  readonly state: Camera['state'];
  readonly sentence: string;
  readonly hint: string;
}

/** As a camera that restarts with other settings, and with the right ones again. */
function restart({ device }: HomeCamera): void {
  device.dropConnections();
}

/** From now on the camera wants another password, until it wants the old one again. */
const anotherPassword = {
  begin: (camera: HomeCamera): void => {
    camera.device.login.account.password = 'somebody-changed-it';
    restart(camera);
  },
  reason: 'wrong-password' as const,
};

const CASES: readonly Case[] = [
  {
    name: 'Stalls',
    trouble: () => ({
      begin: ({ device }) => (device.trouble.stall = true),
      reason: 'stalled',
      end: (camera) => {
        camera.device.trouble.stall = false;
        restart(camera);
      },
    }),
    state: 'stalled',
    sentence: 'Stalls is connected but sends nothing.',
    hint: `If this goes on, restart the camera. ${TRIES}`,
  },
  {
    name: 'Drops',
    trouble: () => ({ begin: restart, reason: 'disconnected', end: () => undefined }),
    state: 'connecting',
    sentence: 'Drops ended the connection.',
    hint: TRIES,
  },
  {
    name: 'Lobby',
    login: 'digest',
    // Within the three quick retries. After them it is one try in five minutes, because cameras lock
    // an account after five failures (ingest/stream-ingest.ts; unit tests have the slow ones).
    trouble: () => ({
      ...anotherPassword,
      end: ({ device }) => (device.login.account.password = 'camera-password'),
    }),
    state: 'failed',
    sentence: 'Lobby refuses the user name or the password.',
    hint: 'Type them again. Doorkeep tries only now and then, so that the camera does not lock up.',
  },
  {
    name: 'Attic',
    login: 'basic',
    // The quick retries are over; the owner types the new password, which is tried at once.
    trouble: ({ server }) => ({
      ...anotherPassword,
      while: ({ device }) => device.login.failures < 4,
      end: async ({ id, device }) => {
        const { username, password } = device.login.account;
        const source = { type: 'rtsp', url: device.url(PATH), username, password };
        const { status } = await server.api('PATCH', `/api/cameras/${id}`, { source });
        expect(status).toBe(200);
      },
    }),
    state: 'failed',
    sentence: 'Attic refuses the user name or the password.',
    hint: 'Type them again. Doorkeep tries only now and then, so that the camera does not lock up.',
  },
  {
    name: 'Moved',
    trouble: () => ({
      begin: (camera) => {
        camera.device.trouble.answer = answers.notFound;
        restart(camera);
      },
      reason: 'not-found',
      end: ({ device }) => (device.trouble.answer = undefined),
    }),
    state: 'failed',
    sentence: 'Moved answers, but has no picture at this address.',
    hint: 'Check the part of the address after the host; the camera’s manual names it.',
  },
  {
    name: 'Shop',
    // To the camera that is well: it would notice.
    trouble: ({ healthy }) => ({
      begin: (camera) => {
        camera.device.trouble.answer = answers.redirect(healthy.device.url(PATH));
        restart(camera);
      },
      reason: 'redirected',
      end: ({ device }) => (device.trouble.answer = undefined),
    }),
    state: 'failed',
    sentence: 'Shop tried to send us to 127.0.0.1. We did not go.',
    hint: 'Look into the camera’s own settings; if you did not set this, take it off the network.',
  },
  {
    name: 'Gate',
    trouble: (home) => ({
      begin: ({ device }) => device.close(),
      reason: 'unreachable',
      // Until the pauses between two tries are as long as they become: after 0.5, 1, 2, 4 and 8 s.
      while: async (camera) => (await home.metric(camera, 'doorkeep_ingest_attempts_total')) < 7,
      end: ({ device }) => device.listenAgain(),
    }),
    state: 'failed',
    sentence: 'No picture from Gate. It does not answer.',
    hint: `Is it powered and on the network? ${TRIES}`,
  },
];

describe.skipIf(!ffprobeAvailable)('a camera whose connection is in trouble', () => {
  let home: TroubledHome;
  const accounts = new Map<string, Promise<Account>>();

  beforeAll(async () => {
    home = await TroubledHome.start();
    for (const { name, login, trouble } of CASES) {
      const account = home
        .add(name, { login: login ?? 'none' })
        .then((camera) => home.goThrough(camera, trouble(home)));
      // Heard by its test; until then another one's trouble may come first.
      account.catch(() => undefined);
      accounts.set(name, account);
    }
  });

  afterAll(() => home.dispose());

  it.each(CASES)('$name', async ({ name, trouble, state, sentence, hint }) => {
    const account = await accounts.get(name)!;
    const { reason } = trouble(home);
    expect(account.seen.state).toBe(state);
    expect(account.seen.stateReason).toMatchObject({ reason, sentence, hint });
    expect(account.seenAfter).toMatchObject({ state: 'online' });
    expectBack(account, reason, ...(name === 'Attic' ? (['stopped'] as const) : []));
    await expectTrue(account);
  });

  it('the camera beside them has lost nothing', async () => {
    await Promise.all(accounts.values());
    await expectUntouched(home);
  });
});
