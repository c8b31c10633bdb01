/** Cameras that stay connected and send something that they should not, or not all they should. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIPS, type ClipSpec } from '../fixtures/clips.ts';
import { soundLatenessMs } from '../fixtures/flash-and-beep.ts';
import { ffprobeAvailable } from '../fixtures/test-ffmpeg.ts';
import { expectBack, expectTrue, expectUntouched } from '../fixtures/trouble-checks.ts';
import {
  type Account,
  type HomeCamera,
  PATH,
  PLAIN,
  type Trouble,
  TroubledHome,
} from '../fixtures/troubled-home.ts';

/** Sound may be so far from its picture. */
const IN_STEP_MS = 100;

const TRIES = 'Doorkeep keeps trying.';
const FLASHING: ClipSpec = { ...CLIPS.flashAndBeep, gopSeconds: 1 };
const LARGER: ClipSpec = { ...PLAIN, width: 960, height: 540 };
const LOST_METRIC = 'doorkeep_ingest_lost_packets_total';

/** Garbage that is passed over, and more of it than is put up with (512 KiB). */
const SOME_BYTES = 5_000;
const MANY_BYTES = 600 * 1024;

const LOST_PACKETS = 7;

describe.skipIf(!ffprobeAvailable)('a camera that sends what it should not', () => {
  let home: TroubledHome;
  const accounts = new Map<string, Promise<Account>>();

  function live(name: string, options: Parameters<TroubledHome['add']>[1], trouble: Trouble): void {
    const account = home.add(name, options).then((camera) => home.goThrough(camera, trouble));
    // Heard by its test; until then another one's trouble may come first.
    account.catch(() => undefined);
    accounts.set(name, account);
  }

  const setSound =
    (noSound: boolean) =>
    ({ device }: HomeCamera) =>
      (device.trouble.noSound = noSound);

  beforeAll(async () => {
    home = await TroubledHome.start();
    const larger = await home.clip(LARGER);
    const nothing = (): void => undefined;
    live(
      'Sparse',
      {},
      {
        begin: ({ device }) => (device.trouble.noKeyFrames = true),
        reason: 'no-key-frames',
        end: ({ device }) => (device.trouble.noKeyFrames = false),
      },
    );
    live(
      'Dark',
      { spec: FLASHING, sound: true },
      {
        begin: ({ device }) => (device.trouble.noPicture = true),
        reason: 'stalled',
        end: ({ device }) => (device.trouble.noPicture = false),
      },
    );
    live(
      'Narrow',
      {},
      {
        begin: ({ device }) => (device.trouble.dripBytesPerSecond = 20_000),
        reason: 'network-too-slow',
        end: ({ device }) => (device.trouble.dripBytesPerSecond = undefined),
      },
    );
    live(
      'Grown',
      {},
      {
        begin: ({ device }) => {
          device.switchClip(PATH, larger);
        },
        reason: undefined,
        forSeconds: 3,
        end: nothing,
      },
    );
    live(
      'Mute',
      { spec: FLASHING, sound: true, wrong: { noSound: true } },
      {
        begin: nothing,
        reason: undefined,
        forSeconds: 3,
        end: setSound(false),
        // The sound begins a new run, a moment later; three beeps are to be heard of it.
        afterSeconds: 5,
      },
    );
    live(
      'Hoarse',
      { spec: FLASHING, sound: true },
      {
        begin: setSound(true),
        reason: undefined,
        forSeconds: 5,
        end: setSound(false),
      },
    );
    live(
      'Lossy',
      {},
      {
        begin: ({ device }) => (device.trouble.losePackets = LOST_PACKETS),
        reason: undefined,
        while: async (camera) => (await home.metric(camera, LOST_METRIC)) < LOST_PACKETS,
        end: nothing,
      },
    );
    live(
      'Confused',
      {},
      {
        begin: ({ device }) => (device.trouble.garbageBytes = SOME_BYTES),
        reason: undefined,
        forSeconds: 2,
        end: nothing,
      },
    );
    live(
      'Babbling',
      {},
      {
        begin: ({ device }) => (device.trouble.garbageBytes = MANY_BYTES),
        reason: 'corrupt',
        end: nothing,
      },
    );
  });

  afterAll(() => home.dispose());

  /** All of it is one stretch, over one connection, and the owner heard of nothing. */
  async function expectUnbroken(account: Account, fps?: number): Promise<void> {
    for (const { state, stateReason } of [account.seen, account.seenAfter]) {
      expect({ state, stateReason }).toEqual({ state: 'online', stateReason: undefined });
    }
    expect(account.ranges).toHaveLength(1);
    expect(account.gaps).toEqual([]);
    // One to be tested when it was added, one to be recorded since.
    expect(account.connections).toBe(2);
    await expectTrue(account, fps);
  }

  it('no key frames', async () => {
    const account = await accounts.get('Sparse')!;
    expect(account.seen.state).toBe('stalled');
    expect(account.seen.stateReason).toMatchObject({
      reason: 'no-key-frames',
      sentence: 'Sparse never sends a whole picture to start from.',
      hint: 'Set its key-frame interval to one or two seconds and switch “smart codec” off.',
    });
    expectBack(account, 'no-key-frames');
    await expectTrue(account);
  });

  it('sound without a picture', async () => {
    const account = await accounts.get('Dark')!;
    expect(account.seen.state).toBe('stalled');
    expect(account.seen.stateReason).toMatchObject({
      reason: 'stalled',
      sentence: 'Dark is connected but sends nothing.',
      hint: `If this goes on, restart the camera. ${TRIES}`,
    });
    expectBack(account, 'stalled');
    await expectTrue(account, FLASHING.fps);
    await expectInStep(account);
  });

  it('a connection that is slower than the picture', async () => {
    const account = await accounts.get('Narrow')!;
    expect(account.seen.state).toBe('stalled');
    expect(account.seen.stateReason).toMatchObject({
      reason: 'network-too-slow',
      sentence: 'Pictures from Narrow come too slowly.',
      hint: `Bring it nearer to the router, or choose a lower quality in its settings. ${TRIES}`,
    });
    expectBack(account, 'network-too-slow');
    await expectTrue(account);
  });

  it('another picture size', async () => {
    const account = await accounts.get('Grown')!;
    await expectUnbroken(account);
    expect(account.runs).toBe(2);
    expect(account.seenAfter.video).toMatchObject({ width: LARGER.width, height: LARGER.height });
  });

  it('sound that is announced and never sent', async () => {
    const account = await accounts.get('Mute')!;
    await expectUnbroken(account, FLASHING.fps);
    expect(account.seen.audio).toBeNull();
    // The second one begins with the sound.
    expect(account.runs).toBe(2);
    expect(account.seenAfter.audio).toMatchObject({ codec: 'aac' });
    await expectInStep(account);
  });

  it('sound that stops, and comes again', async () => {
    const account = await accounts.get('Hoarse')!;
    await expectUnbroken(account, FLASHING.fps);
    expect(account.runs).toBe(1);
    await expectInStep(account);
  });

  it('gaps in the sequence: the loss is counted, recording goes on', async () => {
    const account = await accounts.get('Lossy')!;
    await expectUnbroken(account);
    expect(account.lostPackets).toBe(LOST_PACKETS);
  });

  it('some garbage: passed over without a loss', async () => {
    const account = await accounts.get('Confused')!;
    await expectUnbroken(account);
    expect(account.lostPackets).toBe(0);
  });

  it('garbage without end', async () => {
    const account = await accounts.get('Babbling')!;
    expect(account.seen.state).toBe('connecting');
    expect(account.seen.stateReason).toMatchObject({
      reason: 'corrupt',
      sentence: 'Babbling sent something that makes no sense.',
      hint: `${TRIES} If this comes back, update or restart the camera.`,
    });
    expectBack(account, 'corrupt');
    await expectTrue(account);
  });

  it('the camera beside them has lost nothing', async () => {
    await Promise.all(accounts.values());
    await expectUntouched(home);
  });

  async function expectInStep({ exportPath }: Account): Promise<void> {
    const lateMs = await soundLatenessMs(exportPath);
    expect(lateMs.length).toBeGreaterThanOrEqual(3);
    for (const ms of lateMs) expect(Math.abs(ms)).toBeLessThan(IN_STEP_MS);
  }
});
