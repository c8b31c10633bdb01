/** Looks at a camera before it is saved: connects, measures, takes a picture, saves nothing. */
import type { Clock } from '../base/clock.ts';
import { AppError, cancelled, toAppError, type ErrorKind } from '../base/errors.ts';
import type { CameraAudio, CameraTest, CameraVideo, TestedStream } from '../contract/camera.ts';
import { Hub } from '../ingest/hub.ts';
import { runEndReason } from '../ingest/run-end-reason.ts';
import type { AttemptDeps, RunOnceEvents, StreamSource } from '../ingest/run-once.ts';
import { StreamMeter, type Measured } from '../ingest/stream-meter.ts';
import type { StreamRun } from '../ingest/stream-run.ts';
import type { Announced, Relay } from '../rtsp/relay.ts';
import { reasonSentence } from './reason-text.ts';
import { relayTarget, type StoredSource, type StoredStream } from './stored-source.ts';
import { takePicture } from './take-picture.ts';
import type { ResolvedSource } from './typed-source.ts';

/** What the test brought: for people, and what is to be stored with the source. */
export interface SourceTest {
  readonly test: CameraTest;
  /** The source with how the camera asked for its password and which certificate it showed. */
  readonly source: StoredSource;
}

/** The answer is due within 15 s; looking ends at 12, which leaves 3 for the picture. */
const LOOK_MS = 12_000;

/** Two intervals: three key frames. A camera with a key frame in 2 s is measured in 4 s. */
const KEY_FRAMES_WANTED = 3;

/** After so long a first picture is enough: the interval is then known to be long. */
const PATIENCE_MS = 6_000;

/** Above this, recordings start late and cuts are coarse. */
const GOOD_KEY_FRAME_INTERVAL_MS = 4_000;

/**
 * Tests every stream of the source, side by side. Rejects with `unprocessable` and one sentence
 * that says what is wrong and what to do; never with the camera's password in it.
 */
export async function testSource(
  resolved: ResolvedSource,
  sound: boolean,
  deps: AttemptDeps,
  signal: AbortSignal,
): Promise<SourceTest> {
  const { source, credentials } = resolved;
  // When one stream is refused, the other is not watched any longer.
  const refused = new AbortController();
  const stop = AbortSignal.any([signal, refused.signal]);
  const look = async (stream: StoredStream): Promise<StreamLook> => {
    try {
      return await new StreamLook(deps.clock).run(
        {
          ...{ target: relayTarget(stream), credentials, sound },
          basicAllowed: source.authentication !== 'digest',
        },
        deps,
        stop,
      );
    } catch (thrown) {
      refused.abort(asRefusal(toAppError(thrown)));
      throw thrown;
    }
  };
  const looks = [
    look(source.main),
    source.sub === undefined ? Promise.resolve(undefined) : look(source.sub),
  ] as const;
  // Both connections are closed before the answer: cameras count their viewers.
  await Promise.allSettled(looks);
  if (stop.aborted) throw cancelled(stop);
  const [main, sub] = await Promise.all(looks);
  return {
    test: {
      main: main.result(),
      ...(sub === undefined ? {} : { sub: sub.result() }),
      warnings: warningsOf(main.result(), sub?.result(), sound),
    },
    source: {
      ...source,
      main: pinned(source.main, main),
      ...(source.sub === undefined || sub === undefined ? {} : { sub: pinned(source.sub, sub) }),
      authentication: main.digest ? 'digest' : source.authentication,
    },
  };
}

/** One stream being looked at. */
class StreamLook {
  digest = false;
  fingerprint256: string | undefined;
  readonly #hub = new Hub();
  readonly #clock: Clock;
  readonly #startedMs: number;
  #announced: Announced | undefined;
  #run: StreamRun | undefined;
  #meter: StreamMeter | undefined;
  #jpeg: Buffer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedMs = clock.monotonicMs();
  }

  /** Runs until enough was seen; what ended it matters only when nothing was. */
  async run(source: StreamSource, deps: AttemptDeps, signal: AbortSignal): Promise<this> {
    const enough = new AbortController();
    const timer = deps.clock.setTimer(LOOK_MS, () => {
      enough.abort();
    });
    const stop = AbortSignal.any([signal, enough.signal]);
    try {
      await deps.runOnce(source, deps, this.#events(enough), stop);
    } catch (thrown) {
      if (signal.aborted) throw cancelled(signal);
      if (this.#run === undefined) throw nothingSeen(thrown, enough.signal.aborted);
    } finally {
      timer.cancel();
    }
    this.#jpeg = (await takePicture(this.#hub, deps, signal)).jpeg;
    this.#hub.close();
    return this;
  }

  result(): TestedStream {
    if (this.#run === undefined || this.#jpeg === undefined) {
      throw new AppError('internal', 'a stream was asked for its result before it had one');
    }
    const audio = describeAudio(this.#announced);
    return {
      video: describeVideo(this.#run, this.#meter?.measured()),
      ...(audio === undefined ? {} : { audio }),
      picture: { type: 'image/jpeg', base64: this.#jpeg.toString('base64') },
    };
  }

  #events(enough: AbortController): RunOnceEvents {
    return {
      onRelay: (relay: Relay) => {
        this.#announced = relay.announced;
        this.digest = relay.authentication === 'digest';
        this.fingerprint256 = relay.fingerprint256;
      },
      // Somebody is waiting for the answer.
      isCalm: () => false,
      emit: (message) => {
        // Another run would empty the hub; the first one is what is described.
        if (message.type === 'end' || (message.type === 'run' && this.#run !== undefined)) {
          enough.abort();
          return;
        }
        this.#hub.publish(message);
        if (message.type === 'run') {
          this.#run = message.run;
          this.#meter = new StreamMeter(message.run.video.timescale);
        } else if (message.fragment.kind === 'video') {
          this.#meter?.add(message.fragment);
          const waitedMs = this.#clock.monotonicMs() - this.#startedMs;
          const keys = this.#meter?.keyFrames ?? 0;
          if (keys >= KEY_FRAMES_WANTED || (keys >= 2 && waitedMs > PATIENCE_MS)) enough.abort();
        }
      },
    };
  }
}

/** What the camera sends, in the words of the contract. */
export function describeVideo(run: StreamRun, measured: Measured | undefined): CameraVideo {
  const { codec, width, height } = run.video;
  return {
    ...{ codec, width, height },
    framesPerSecond: measured?.framesPerSecond ?? null,
    keyFrameIntervalMs: measured?.keyFrameIntervalMs ?? null,
  };
}

/** RFC 4855 encoding names as FFmpeg names the codecs; what is not listed keeps its own name. */
const AUDIO_CODECS: ReadonlyMap<string, string> = new Map([
  ['MPEG4-GENERIC', 'aac'],
  ['MP4A-LATM', 'aac'],
  ['PCMU', 'pcm_mulaw'],
  ['PCMA', 'pcm_alaw'],
  ['L16', 'pcm_s16be'],
]);

/** The sound that the camera announces, whether it is recorded or not. */
export function describeAudio(announced: Announced | undefined): CameraAudio | undefined {
  const audio = announced?.audio;
  if (audio === undefined) return undefined;
  const codec = AUDIO_CODECS.get(audio.encoding) ?? audio.encoding.toLowerCase();
  return { codec, sampleRate: audio.clockRate, channels: audio.channels };
}

function pinned(stream: StoredStream, look: StreamLook): StoredStream {
  const { fingerprint256 } = look;
  return fingerprint256 === undefined ? stream : { ...stream, fingerprint256 };
}

function nothingSeen(thrown: unknown, timedOut: boolean): unknown {
  if (!timedOut) return thrown;
  return new AppError('unprocessable', 'The camera answers but sent no picture in 12 seconds.', {
    reason: 'stalled',
    hint: 'Restart the camera, and check that its own app shows a picture.',
  });
}

/** Errors of these kinds speak of bytes and limits, for the log. */
const FOR_THE_LOG: ReadonlySet<ErrorKind> = new Set(['corrupt', 'exhausted', 'io']);

/** What a camera does wrong is never our failure: 422, with its sentence and hint kept where they
 * are for people. */
function asRefusal(error: AppError): AppError {
  if (error.kind === 'unprocessable' || error.kind === 'cancelled' || error.kind === 'internal') {
    return error;
  }
  const isForPeople = !FOR_THE_LOG.has(error.kind);
  const sentence = isForPeople ? error.message : reasonSentence(runEndReason(error), 'The camera');
  const hint = isForPeople ? error.hint : undefined;
  return new AppError('unprocessable', sentence, {
    cause: error,
    hint: hint ?? 'Check that the camera’s own app shows a picture, then try again.',
    ...(error.reason === undefined ? {} : { reason: error.reason }),
  });
}

function warningsOf(main: TestedStream, sub: TestedStream | undefined, sound: boolean): string[] {
  const warnings: string[] = [];
  for (const [stream, which] of [
    [main, 'picture'],
    [sub, 'small picture'],
  ] as const) {
    const interval = stream?.video.keyFrameIntervalMs;
    if (interval !== undefined && interval !== null && interval > GOOD_KEY_FRAME_INTERVAL_MS) {
      const seconds = String(Math.round(interval / 1000));
      warnings.push(
        `A new whole ${which} comes only every ${seconds} seconds, so it starts late. ` +
          'Set the key-frame interval (I-frame interval) in the camera to one or two seconds.',
      );
    }
  }
  if (sound && main.audio === undefined) warnings.push('The camera offers no sound.');
  return warnings;
}
