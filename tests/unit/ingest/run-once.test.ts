import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../../../server/base/clock.ts';
import { AppError, errorChain } from '../../../server/base/errors.ts';
import { ReadPace } from '../../../server/base/read-pace.ts';
import { Secret } from '../../../server/base/secret.ts';
import { Gateway } from '../../../server/egress/gateway.ts';
import { runEndReason, stopError } from '../../../server/ingest/run-end-reason.ts';
import { runOnce, type StreamSource } from '../../../server/ingest/run-once.ts';
import type { HubMessage } from '../../../server/ingest/stream-run.ts';
import type { Relay } from '../../../server/rtsp/relay.ts';
import { RtspCamera, type RtspCameraOptions } from '../../doubles/rtsp-camera/camera.ts';
import { loadClip, type Clip } from '../../doubles/rtsp-camera/clip.ts';
import { CLIPS, makeClip } from '../../fixtures/clips.ts';
import { FakeFfmpegs } from '../../fixtures/fake-ffmpeg.ts';
import { ffmpegsOf } from '../../fixtures/process-table.ts';
import { ffmpegPath } from '../../fixtures/test-ffmpeg.ts';

const clock = new SystemClock();
const fakes = new FakeFfmpegs();
let clip: Clip;
let camera: RtspCamera;
let messages: HubMessage[];
let relays: Relay[];
let stop: AbortController;
let onMessage: () => void;

beforeAll(async () => {
  clip = await loadClip(
    await makeClip({ ...CLIPS.small, gopSeconds: 1, seconds: 4, sound: 'pcmu' }),
  );
});

beforeEach(() => {
  messages = [];
  relays = [];
  stop = new AbortController();
  onMessage = () => undefined;
});

afterEach(async () => {
  stop.abort(stopError('stopped'));
  await camera.close();
});

afterAll(() => {
  fakes.remove();
});

async function startCamera(options: Partial<RtspCameraOptions> = {}): Promise<void> {
  camera = await RtspCamera.start({ streams: { '/main': clip }, ...options });
}

/** The error that the attempt ends with. */
async function attempt(source: Partial<StreamSource> = {}, binary = ffmpegPath): Promise<AppError> {
  const target = {
    ...{ address: '127.0.0.1', port: camera.port, tls: false, path: '/main' },
    hostForUri: '127.0.0.1',
  };
  try {
    return await runOnce(
      { target, credentials: undefined, basicAllowed: true, sound: false, ...source },
      {
        ...{ clock, ffmpegPath: binary, pace: new ReadPace(clock) },
        gateway: new Gateway({ clock, ownPorts: () => new Set() }),
      },
      {
        onRelay: (relay) => relays.push(relay),
        emit: (message) => {
          messages.push(message);
          onMessage();
        },
        isCalm: () => false,
      },
      stop.signal,
    );
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(AppError);
    return thrown as AppError;
  }
}

function frames(kind: 'video' | 'audio'): number {
  return messages.filter((message) => message.type === 'fragment' && message.fragment.kind === kind)
    .length;
}

describe('an attempt', () => {
  it('brings a run and its frames, until it is stopped', async () => {
    await startCamera();
    onMessage = () => {
      if (frames('video') >= 15) stop.abort(stopError('disabled'));
    };
    const error = await attempt();
    expect(runEndReason(error)).toBe('disabled');
    expect(messages[0]).toMatchObject({ type: 'run', run: { audio: undefined } });
    expect(messages[1]).toMatchObject({ type: 'fragment', fragment: { key: true } });
    expect(frames('audio')).toBe(0);
    await relays[0]!.closed;
    await expect.poll(() => camera.connections).toBe(0);
  });

  it('brings the sound as AAC where the owner wants it', async () => {
    await startCamera();
    onMessage = () => {
      if (frames('video') >= 10 && frames('audio') >= 5) stop.abort(stopError('stopped'));
    };
    await attempt({ sound: true });
    const run = messages.find((message) => message.type === 'run');
    expect(run).toMatchObject({ run: { audio: { codec: 'aac', sampleRate: 48_000 } } });
  });

  it('ends when the camera hangs up', async () => {
    await startCamera();
    onMessage = () => {
      if (frames('video') === 5) camera.dropConnections();
    };
    expect(runEndReason(await attempt())).toBe('disconnected');
  });

  it('stopped before it began does not connect', async () => {
    await startCamera();
    stop.abort(stopError('removed'));
    expect(runEndReason(await attempt())).toBe('removed');
    expect(camera.totalConnections).toBe(0);
  });
});

describe('what a camera offers', () => {
  it('is refused without a picture', async () => {
    await startCamera({ describe: (sdp) => sdp.replace(/m=video[^]*?(?=m=audio)/, '') });
    expect(await attempt()).toMatchObject({ kind: 'unprocessable', reason: 'no-video' });
    expect(relays).toEqual([]);
  });

  it('is refused in a form that cannot be kept', async () => {
    await startCamera({ describe: (sdp) => sdp.replaceAll('H264/90000', 'JPEG/90000') });
    const error = await attempt();
    expect(error).toMatchObject({ kind: 'unprocessable', reason: 'unsupported-codec' });
    expect(error.message).toContain('JPEG');
  });

  it('is not there with a wrong password', async () => {
    await startCamera({ login: 'digest' });
    const credentials = { username: 'admin', password: new Secret('canary-wrong') };
    const error = await attempt({ credentials });
    expect(runEndReason(error)).toBe('wrong-password');
    expect(errorChain(error)).not.toContain('canary-wrong');
  });
});

describe('an ffmpeg', () => {
  it('that is not there is our defect, and no fault of the camera', async () => {
    await startCamera();
    const error = await attempt({}, '/nonexistent/ffmpeg');
    expect(error.kind).toBe('internal');
    expect(runEndReason(error)).toBe('internal');
    expect(error.hint).toContain('DOORKEEP_FFMPEG');
  });

  it('that ends by itself says why in the details', async () => {
    await startCamera();
    const binary = fakes.script('console.error("Invalid data found"); process.exitCode = 1');
    const error = await attempt({}, binary);
    expect(runEndReason(error)).toBe('disconnected');
    expect(errorChain(error)).toContain('ffmpeg ended with 1: Invalid data found');
  });

  it('that is killed while pictures come is no fault of the camera, and nobody’s wish', async () => {
    await startCamera();
    onMessage = () => {
      for (const { pid } of ffmpegsOf(process.pid)) process.kill(pid, 'SIGKILL');
    };
    const error = await attempt();
    expect(messages.length).toBeGreaterThan(0);
    expect(runEndReason(error)).toBe('internal');
    expect(errorChain(error)).toContain('ffmpeg ended with SIGKILL');
  });

  it('that writes nonsense ends the attempt as corrupt', async () => {
    await startCamera();
    const binary = fakes.script(
      'process.stdout.write("this is no MP4 at all, and never will be"); setInterval(() => {}, 1e3)',
    );
    expect(runEndReason(await attempt({}, binary))).toBe('corrupt');
  });
});
