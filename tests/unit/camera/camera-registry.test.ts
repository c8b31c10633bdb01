import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../server/base/log.ts';
import { ReadPace } from '../../../server/base/read-pace.ts';
import { epochMs } from '../../../server/base/time.ts';
import { CameraRegistry } from '../../../server/camera/camera-registry.ts';
import type { AddedCamera, CameraPatch, NewCamera } from '../../../server/contract/camera.ts';
import { Gateway } from '../../../server/egress/gateway.ts';
import { BoxKey } from '../../../server/keys/box-key.ts';
import { cameraById, insertCamera, listCameras } from '../../../server/storage/cameras.ts';
import { insertRun } from '../../../server/storage/runs.ts';
import { FakeAttempts, type FakeAttempt } from '../../doubles/fake-attempts.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { FakeFfmpegs, PICTURE_MARK } from '../../fixtures/fake-ffmpeg.ts';
import { madeFrames, madeRun, madeVideo } from '../../fixtures/made-media.ts';
import { openTestStorage, testCamera, type TestStorage } from '../../fixtures/test-storage.ts';

const CANARY = 'canary-e0c7';

const fakes = new FakeFfmpegs();
const ffmpegPath = fakes.picture();
let clock: TestClock;
let attempts: FakeAttempts;
let storage: TestStorage;
let boxKey: BoxKey;
let lines: string[];
let recorded: string[];
let removals: number;
let defects: unknown[];
let registry: CameraRegistry;

beforeEach(async () => {
  clock = new TestClock();
  attempts = new FakeAttempts();
  // Every attempt is welcomed and sees three key frames: enough for a test, a start for an actor.
  attempts.onAttempt = welcome;
  storage = await openTestStorage();
  boxKey = await BoxKey.load(join(storage.folder.keysPath, 'box.key'));
  ({ lines, recorded, defects } = { lines: [], recorded: [], defects: [] });
  removals = 0;
  registry = registryOf(boxKey);
});

afterEach(async () => {
  await registry.stop();
  storage.remove();
  expect(defects).toEqual([]);
});

afterAll(() => {
  fakes.remove();
});

function registryOf(key: BoxKey): CameraRegistry {
  return new CameraRegistry({
    ...{ clock, db: storage.db, boxKey: key, ffmpegPath, runOnce: attempts.runOnce },
    ...{ random: () => 1, pace: new ReadPace(clock), ownPorts: () => new Set([8080]) },
    log: createLog((line) => lines.push(line)),
    gateway: new Gateway({ clock, ownPorts: () => new Set([8080]) }),
    recorderFor: (cameraId) => ({
      run: async (messages) => {
        for await (const message of messages) {
          if (message.type === 'end') recorded.push(`${cameraId} end:${message.reason}`);
        }
      },
    }),
    onRemoved: () => {
      removals += 1;
    },
    onDefect: (error) => defects.push(error),
  });
}

function welcome(attempt: FakeAttempt): void {
  attempt.connect({ authentication: 'digest' });
  attempt.run(madeRun(clock.wallMs()));
  attempt.media(...madeFrames({ lengthMs: 2_100, gopMs: 1_000 }));
}

function newCamera(changes: Partial<NewCamera> = {}): NewCamera {
  const url = 'rtsp://192.168.1.20/main';
  return {
    name: 'Porch',
    source: { type: 'rtsp', url, username: 'a', password: CANARY },
    ...changes,
  };
}

function add(changes: Partial<NewCamera> = {}): Promise<AddedCamera> {
  return registry.add(newCamera(changes), new AbortController().signal);
}

function change(id: string, patch: CameraPatch): ReturnType<CameraRegistry['change']> {
  return registry.change(id, patch, new AbortController().signal);
}

describe('adding', () => {
  it('tests the camera, saves it, and goes online', async () => {
    const added = await add({ name: ' Porch ' });
    expect(added).toMatchObject({ name: 'Porch', state: 'online', enabled: true, position: 1 });
    expect(added.test.main.video).toEqual({
      ...{ codec: 'h264', width: 1_920, height: 1_080 },
      ...{ framesPerSecond: 10, keyFrameIntervalMs: 1_000 },
    });
    const picture = Buffer.from(added.test.main.picture.base64, 'base64').toString();
    expect(picture).toContain(PICTURE_MARK);
    expect(registry.get(added.id).name).toBe('Porch');
    expect(cameraById(storage.db, added.id)?.name).toBe('Porch');
  });

  it('saves nothing when the camera refuses', async () => {
    attempts.onAttempt = (attempt) => {
      attempt.end('wrong-password', 'unprocessable');
    };
    await expect(add()).rejects.toMatchObject({ kind: 'unprocessable', reason: 'wrong-password' });
    expect(registry.list()).toEqual([]);
    expect(listCameras(storage.db)).toHaveLength(1);
  });

  it.each(['unavailable', 'timeout', 'corrupt'] as const)(
    'answers with 422 whatever the camera did wrong: %s',
    async (kind) => {
      attempts.onAttempt = (attempt) => {
        attempt.end('stalled', kind);
      };
      await expect(add()).rejects.toMatchObject({ kind: 'unprocessable', reason: 'stalled' });
    },
  );

  it('gives up after 12 s without a picture', async () => {
    attempts.onAttempt = (attempt) => {
      attempt.connect();
    };
    const outcome = expect(add()).rejects.toMatchObject({
      ...{ kind: 'unprocessable', reason: 'stalled' },
    });
    await clock.advance(0);
    await clock.advance(12_000);
    await outcome;
    expect(clock.pendingTimers).toBe(0);
  });

  it('is content with a first picture when key frames are far apart, and warns', async () => {
    attempts.onAttempt = (attempt) => {
      attempt.connect();
      attempt.run(madeRun(0));
      attempt.media(...madeFrames({ lengthMs: 8_100, gopMs: 8_000 }));
    };
    const added = add();
    await clock.advance(0);
    await clock.advance(12_000);
    expect((await added).test.warnings).toEqual([expect.stringContaining('every 8 seconds')]);
  });

  it('warns of sound that is wanted and not there', async () => {
    expect((await add({ sound: true })).test.warnings).toEqual(['The camera offers no sound.']);
    expect((await add()).test.warnings).toEqual([]);
  });

  it('tests the small picture beside the large one, and ends both when one is refused', async () => {
    const subUrl = 'rtsp://192.168.1.20/sub';
    const source = { type: 'rtsp', url: 'rtsp://192.168.1.20/main', subUrl } as const;
    const added = await add({ source });
    expect(added.test.sub?.video.width).toBe(1_920);
    const before = attempts.all.length;
    attempts.onAttempt = (attempt) => {
      attempt.connect();
      if (attempt.source.target.path === '/sub') attempt.end('not-found', 'unprocessable');
    };
    await expect(add({ source })).rejects.toMatchObject({ reason: 'not-found' });
    expect(attempts.all.slice(before).map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends with whoever asked', async () => {
    attempts.onAttempt = (attempt) => {
      attempt.connect();
    };
    const leaving = new AbortController();
    const outcome = expect(registry.add(newCamera(), leaving.signal)).rejects.toMatchObject({
      kind: 'cancelled',
    });
    await clock.advance(0);
    leaving.abort();
    await outcome;
    expect(listCameras(storage.db)).toHaveLength(1);
  });

  it('allows two tests at once', async () => {
    attempts.onAttempt = (attempt) => {
      attempt.connect();
    };
    const stop = new AbortController();
    const test = (): Promise<unknown> => registry.test(newCamera(), stop.signal);
    const running = [test(), test()];
    const refused = expect(test()).rejects.toMatchObject({ kind: 'throttled' });
    await clock.advance(0);
    await refused;
    stop.abort();
    await Promise.allSettled(running);
    attempts.onAttempt = welcome;
    expect((await add()).state).toBe('online');
  });

  it('stops at 32 cameras, also when two come at once', async () => {
    for (let count = 0; count < 31; count += 1) await add();
    const last = await Promise.allSettled([add(), add()]);
    expect(last.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(add()).rejects.toMatchObject({ kind: 'conflict' });
    expect(registry.list()).toHaveLength(32);
    // Each is a camera that is tried, and a row that is made durable.
  }, 30_000);
});

describe('secrets', () => {
  it('are nowhere but sealed in the row', async () => {
    const added = await add();
    await change(added.id, { name: 'Other' });
    attempts.newest.end('wrong-password', 'unprocessable');
    await clock.advance(0);
    const row = cameraById(storage.db, added.id)!;
    expect(row.sealedCredentials).toBeInstanceOf(Buffer);
    const texts = [
      ...[JSON.stringify(added), JSON.stringify(registry.list()), lines.join('')],
      ...[row.sourceJson, row.sealedCredentials!.toString('latin1')],
    ];
    for (const text of texts) expect(text).not.toContain(CANARY);
  });
});

describe('changing', () => {
  it('a name or a place does not touch the connection', async () => {
    const { id } = await add();
    const before = attempts.all.length;
    expect(await change(id, { name: 'Back door', position: 7 })).toMatchObject({
      ...{ name: 'Back door', position: 7, state: 'online' },
    });
    expect(attempts.all).toHaveLength(before);
    expect(cameraById(storage.db, id)).toMatchObject({ name: 'Back door', position: 7 });
  });

  it('the sound starts it again', async () => {
    const { id } = await add();
    const before = attempts.all.length;
    await change(id, { sound: true });
    expect(attempts.all).toHaveLength(before + 1);
    expect(attempts.newest.source.sound).toBe(true);
    expect(recorded).toEqual([`${id} end:stopped`]);
  });

  it('switches off and on', async () => {
    const { id } = await add();
    expect(await change(id, { enabled: false })).toMatchObject({ state: 'disabled' });
    expect(recorded).toEqual([`${id} end:disabled`]);
    const before = attempts.all.length;
    expect(await change(id, { enabled: true })).toMatchObject({ state: 'online' });
    expect(attempts.all).toHaveLength(before + 1);
  });

  it('the password is tested, sealed and used at once', async () => {
    const { id } = await add();
    await change(id, { source: { password: 'another-one' } });
    expect(attempts.newest.source.credentials?.password.reveal()).toBe('another-one');
    expect(attempts.newest.source.credentials?.username).toBe('a');
  });

  it('a source that is refused leaves everything as it was', async () => {
    const { id } = await add();
    const running = attempts.newest;
    const row = cameraById(storage.db, id);
    attempts.onAttempt = (attempt) => {
      attempt.end('not-found', 'unprocessable');
    };
    await expect(change(id, { source: { url: 'rtsp://192.168.1.20/x' } })).rejects.toMatchObject({
      reason: 'not-found',
    });
    expect(cameraById(storage.db, id)).toEqual(row);
    expect(running.signal.aborted).toBe(false);
  });

  it('of the host does not take the old password there', async () => {
    const { id } = await add();
    await change(id, { source: { url: 'rtsp://192.168.1.99/main' } });
    expect(attempts.newest.source.credentials).toBeUndefined();
    expect(cameraById(storage.db, id)?.sealedCredentials).toBeUndefined();
  });

  it('of the path does not open the password to a Basic question', async () => {
    const { id } = await add();
    await change(id, { source: { url: 'rtsp://192.168.1.20/other' } });
    const [test] = attempts.all.slice(-2);
    expect(test?.source.target.path).toBe('/other');
    expect(test?.source.basicAllowed).toBe(false);
  });

  it('happens one after the other', async () => {
    const { id } = await add();
    const results = await Promise.all([
      ...[change(id, { sound: true }), change(id, { name: 'One' })],
      ...[change(id, { enabled: false }), change(id, { name: 'Two' })],
    ]);
    expect(results.at(-1)).toMatchObject({ name: 'Two', sound: true, enabled: false });
    expect(attempts.all.filter(({ signal }) => !signal.aborted)).toEqual([]);
  });

  it('of a camera that is not there is not found', async () => {
    await expect(change('0123456789abcdef', { name: 'x' })).rejects.toMatchObject({
      kind: 'not-found',
    });
    expect(() => registry.get('0123456789abcdef')).toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    );
  });
});

describe('watching', () => {
  it('goes on through every change, and ends with the camera', async () => {
    const { id } = await add();
    let removedCount = 0;
    const watch = registry.watch(id, 'main', {
      onChange: () => undefined,
      onRemoved: () => {
        removedCount += 1;
      },
    });
    const before = watch.stream();
    await change(id, { sound: true });
    expect(watch.stream()).toBeDefined();
    expect(watch.stream()?.hub).not.toBe(before?.hub);
    await change(id, { enabled: false });
    expect([watch.stream(), watch.condition()]).toEqual([undefined, { state: 'disabled' }]);
    await change(id, { enabled: true });
    expect(watch.condition()).toEqual({ state: 'online' });
    expect(removedCount).toBe(0);
    await registry.remove(id);
    expect(removedCount).toBe(1);
  });

  it('a camera that is not there is not found', () => {
    const watcher = { onChange: () => undefined, onRemoved: () => undefined };
    expect(() => registry.watch('0123456789abcdef', 'sub', watcher)).toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    );
  });
});

describe('the size of the picture', () => {
  const small = { ...madeVideo, width: 640, height: 480 };

  it('is that of the test, until the camera sends another', async () => {
    const { id, pictureSize } = await add();
    expect(pictureSize).toEqual({ width: 1_920, height: 1_080 });
    attempts.newest.run({ ...madeRun(0), video: small });
    expect(registry.get(id).pictureSize).toEqual({ width: 640, height: 480 });
    await change(id, { name: 'Back door' });
    await change(id, { enabled: false });
    expect(registry.get(id).pictureSize).toEqual({ width: 640, height: 480 });
    await change(id, { source: { url: 'rtsp://192.168.1.20/other' } });
    expect(registry.get(id).pictureSize).toEqual({ width: 1_920, height: 1_080 });
  });

  it('is known after a start before the camera answers', () => {
    const source = JSON.stringify({
      ...{ type: 'rtsp', authentication: 'unknown' },
      main: { tls: false, host: 'x', address: '192.168.1.20', port: 554, path: '/' },
    });
    insertCamera(storage.db, { ...testCamera({ sourceJson: source }), id: 'a'.repeat(16) });
    const run = { cameraId: 'a'.repeat(16), codecs: 'avc1.640028' };
    insertRun(storage.db, { ...run, anchorMs: epochMs(2_000), width: 640, height: 480 });
    insertRun(storage.db, { ...run, anchorMs: epochMs(1_000), width: 320, height: 240 });
    attempts.onAttempt = () => undefined;
    registry.start();
    expect(registry.get('a'.repeat(16))).toMatchObject({
      ...{ state: 'connecting', pictureSize: { width: 640, height: 480 } },
    });
  });
});

describe('removing', () => {
  it('hides the camera at once, ends its recording, and has its footage deleted', async () => {
    const { id } = await add();
    const removing = registry.remove(id);
    await Promise.resolve();
    expect(registry.list()).toEqual([]);
    expect(cameraById(storage.db, id)).toBeUndefined();
    await removing;
    expect(recorded).toEqual([`${id} end:removed`]);
    expect(removals).toBe(1);
    await expect(registry.remove(id)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('wins over a change that comes after it', async () => {
    const { id } = await add();
    const [, changed] = await Promise.allSettled([registry.remove(id), change(id, { name: 'x' })]);
    expect(changed).toMatchObject({ status: 'rejected', reason: { kind: 'not-found' } });
    expect(registry.list()).toEqual([]);
  });
});

describe('starting', () => {
  it('brings every camera back, by place', async () => {
    const first = await add();
    await add({ name: 'Second' });
    await change(first.id, { position: 9 });
    await registry.stop();
    registry = registryOf(boxKey);
    registry.start();
    expect(registry.list().map(({ name }) => name)).toEqual(['Second', 'Porch']);
    expect(registry.list().every(({ state }) => state === 'online')).toBe(true);
    expect(attempts.newest.source.credentials?.password.reveal()).toBe(CANARY);
  });

  it('remembers that a camera asked by Digest', async () => {
    const { id } = await add();
    await registry.stop();
    registry = registryOf(boxKey);
    registry.start();
    expect(attempts.newest.source.basicAllowed).toBe(false);
    expect(cameraById(storage.db, id)?.sourceJson).toContain('"digest"');
  });

  it('remembers Digest also when it is seen only while running', async () => {
    attempts.onAttempt = (attempt) => {
      attempt.connect({ authentication: 'basic' });
      attempt.run(madeRun(0));
      attempt.media(...madeFrames({ lengthMs: 2_100, gopMs: 1_000 }));
    };
    const { id } = await add();
    expect(cameraById(storage.db, id)?.sourceJson).toContain('"unknown"');
    attempts.newest.connect({ authentication: 'digest' });
    expect(cameraById(storage.db, id)?.sourceJson).toContain('"digest"');
    // It is no change that an owner made: nothing starts again, and a rename keeps it.
    await change(id, { name: 'Renamed' });
    expect(attempts.newest.signal.aborted).toBe(false);
    expect(cameraById(storage.db, id)?.sourceJson).toContain('"digest"');
  });

  it('leaves a camera out whose row cannot be read, and starts the others', async () => {
    // openTestStorage put in a camera whose source is not one of ours.
    const { id } = await add();
    insertCamera(storage.db, testCamera({ id: '00000000000000c0', position: 3, sourceJson: '[]' }));
    await registry.stop();
    registry = registryOf(boxKey);
    registry.start();
    expect(registry.list().map((camera) => camera.id)).toEqual([id]);
    expect(lines.filter((line) => line.includes('cannot be started'))).toHaveLength(2);
    // As the log says, it can be removed.
    await registry.remove('00000000000000c0');
    expect(cameraById(storage.db, '00000000000000c0')).toBeUndefined();
  });

  it('keeps a camera whose password does not open any more, and takes a new one', async () => {
    const { id } = await add();
    await registry.stop();
    registry = registryOf(await BoxKey.load(join(storage.folder.keysPath, 'other.key')));
    registry.start();
    expect(attempts.newest.source.credentials).toBeUndefined();
    expect(lines.join('')).toContain('type it again');
    await change(id, { source: { username: 'a', password: 'typed-again' } });
    expect(attempts.newest.source.credentials?.password.reveal()).toBe('typed-again');
  });
});

describe('stopping', () => {
  it('lets no test that is under way start a camera', async () => {
    attempts.onAttempt = (attempt) => {
      attempt.connect();
    };
    const outcome = expect(add()).rejects.toMatchObject({ kind: 'unavailable' });
    await clock.advance(0);
    await registry.stop();
    const test = attempts.newest;
    attempts.onAttempt = () => undefined;
    test.run(madeRun(0));
    test.media(...madeFrames({ lengthMs: 2_100, gopMs: 1_000 }));
    await outcome;
    expect(attempts.all).toHaveLength(1);
    expect(listCameras(storage.db)).toHaveLength(1);
  });

  it('lets no change that is under way start a camera', async () => {
    const { id } = await add();
    const changing = [change(id, { sound: true }), change(id, { sound: false })];
    // The first one has begun to stop the camera, the second one waits its turn.
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    await registry.stop();
    const [first, second] = await Promise.allSettled(changing);
    expect(first).toMatchObject({ status: 'fulfilled' });
    expect(second).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable' } });
    expect(attempts.all.filter(({ signal }) => !signal.aborted)).toEqual([]);
  });
});
