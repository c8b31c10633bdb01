/**
 * One attempt at one camera stream: relay, ffmpeg, boxes, fragments, runs. It ends with an error
 * that says why, always; `supervise` decides when to try again.
 */
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';
import { AppError, cancelled } from '../base/errors.ts';
import type { ReadPace } from '../base/read-pace.ts';
import type { Secret } from '../base/secret.ts';
import type { Gateway } from '../egress/gateway.ts';
import { AUDIO_FD, ingestArgv, VIDEO_FD, type SoundMode } from '../ffmpeg/argv.ts';
import { startFfmpeg, type FfmpegExit, type FfmpegProcess } from '../ffmpeg/ffmpeg-process.ts';
import { peerIsProcess } from '../rtsp/peer-process.ts';
import { openRelay, type Announced, type Relay, type RelayTarget } from '../rtsp/relay.ts';
import { RunAssembler } from './run-assembler.ts';
import type { HubMessage } from './stream-run.ts';
import { TrackReader } from './track-reader.ts';
import { Watchdog, WATCH_EVERY_MS } from './watchdog.ts';

/** A stream of a camera, with everything that a connection needs. */
export interface StreamSource {
  readonly target: RelayTarget;
  readonly credentials: { readonly username: string; readonly password: Secret } | undefined;
  /** False once the camera asked by Digest: then a Basic question is an attack. */
  readonly basicAllowed: boolean;
  /** The owner switched sound on. */
  readonly sound: boolean;
  /** Of a camera that is stored; left out while one is tried. */
  readonly cameraId?: string;
}

/** What an attempt needs beside the source. */
export interface RunOnceDeps {
  readonly clock: Clock;
  readonly gateway: Gateway;
  readonly ffmpegPath: string;
  /** One for all streams, so that they wake together. */
  readonly pace: ReadPace;
}

/** What an attempt reports while it goes on. */
export interface RunOnceEvents {
  /** The camera answered and logged us in. */
  onRelay(relay: Relay): void;
  /** Runs and their fragments, in order; the attempt itself never emits `end` for its last run. */
  emit(message: HubMessage): void;
  /** Nobody needs the bytes at once; asked after every read. */
  isCalm(): boolean;
}

/** Codecs that fragments can carry, by RFC 4855 name. */
const VIDEO_ENCODINGS: ReadonlySet<string> = new Set(['H264', 'H265']);

/** AAC as RFC 3640 or RFC 6416 pack it: copied. Everything else is decoded and becomes AAC. */
const AAC_ENCODINGS: ReadonlySet<string> = new Set(['MPEG4-GENERIC', 'MP4A-LATM']);

/** `runOnce`, as it is handed to those who make attempts; tests hand them another. */
export type RunOnce = typeof runOnce;

/** What whoever makes attempts needs. */
export interface AttemptDeps extends RunOnceDeps {
  readonly runOnce: RunOnce;
}

/** Runs until the stream ends; rejects with the AppError that says why, `cancelled` on `signal`. */
export async function runOnce(
  source: StreamSource,
  deps: RunOnceDeps,
  events: RunOnceEvents,
  signal: AbortSignal,
): Promise<never> {
  // Known only after the relay listens, asked only when somebody connects to it.
  let ffmpeg: FfmpegProcess | undefined;
  const pacing = { pace: deps.pace, isCalm: () => events.isCalm() };
  const relay = await openRelay({
    target: source.target,
    ...(source.credentials === undefined ? {} : { credentials: source.credentials }),
    basicAllowed: source.basicAllowed,
    sound: source.sound,
    ...(source.cameraId === undefined ? {} : { party: { kind: 'camera', id: source.cameraId } }),
    ...pacing,
    gateway: deps.gateway,
    clock: deps.clock,
    isOurPeer: (socket: Socket) => peerIsProcess(socket, ffmpeg?.pid),
    signal,
  });
  // Ends ffmpeg for whatever reason the attempt is over, and says which.
  const attempt = new AbortController();
  const fail = (error: AppError): void => {
    attempt.abort(error);
    // At once: ffmpeg says goodbye, and would wait for the answer of a camera that stalls.
    void relay.close();
  };
  const onStop = (): void => {
    fail(cancelled(signal));
  };
  signal.addEventListener('abort', onStop, { once: true });
  let watchdog: Timer | undefined;
  try {
    const soundMode = soundModeFor(source, relay.announced);
    events.onRelay(relay);
    const pipeline = new Pipeline(soundMode !== 'off', deps.clock, events);
    ffmpeg = startFfmpeg({
      binary: deps.ffmpegPath,
      argv: ingestArgv({ relayUrl: relay.url, sound: soundMode }),
      clock: deps.clock,
      signal: attempt.signal,
      pacing,
      outputs: pipeline.outputs(soundMode !== 'off'),
    });
    watchdog = watch(pipeline.watchdog, deps.clock, fail);
    const end = relay.closed.then(({ error }) => {
      // It ended because ffmpeg did, and nobody had asked for that: how ffmpeg exits says more.
      if (error.kind !== 'cancelled' || signal.aborted) fail(error);
    });
    const exit = await ffmpeg.exited;
    if (!attempt.signal.aborted) {
      const late = deps.clock.sleep(RELAY_WORD_MS, attempt.signal).catch(() => undefined);
      await Promise.race([end, late]);
    }
    throw attempt.signal.aborted ? cancelled(attempt.signal) : endOf(exit);
  } finally {
    watchdog?.cancel();
    signal.removeEventListener('abort', onStop);
    ffmpeg?.kill();
    await relay.close();
  }
}

/** When ffmpeg and the relay end together, the relay knows why; it says so within this time. */
const RELAY_WORD_MS = 200;

/** Throws when the camera offers no picture, or none that can be kept. */
function soundModeFor(source: StreamSource, announced: Announced): SoundMode {
  if (announced.video === undefined) {
    throw new AppError('unprocessable', 'The camera offers no picture at this address.', {
      reason: 'no-video',
      hint: 'This address may carry sound only; the camera’s manual names the one with the picture.',
    });
  }
  if (!VIDEO_ENCODINGS.has(announced.video.encoding)) {
    throw new AppError(
      'unprocessable',
      `The camera sends its picture as ${announced.video.encoding}, which Doorkeep cannot keep.`,
      { reason: 'unsupported-codec', hint: 'Set the camera to H.264 or H.265.' },
    );
  }
  if (!source.sound || announced.audio === undefined) return 'off';
  return AAC_ENCODINGS.has(announced.audio.encoding) ? 'copy' : 'transcode';
}

/** From ffmpeg's output descriptors to runs. */
class Pipeline {
  readonly #assembler: RunAssembler;
  readonly #clock: Clock;
  readonly watchdog = new Watchdog();

  constructor(expectSound: boolean, clock: Clock, events: RunOnceEvents) {
    this.#clock = clock;
    this.#assembler = new RunAssembler({
      expectSound,
      emit: (message) => {
        events.emit(message);
      },
    });
  }

  outputs(sound: boolean): Map<number, (chunk: Buffer) => void> {
    const outputs = new Map([[VIDEO_FD, this.#reader('video')]]);
    if (sound) outputs.set(AUDIO_FD, this.#reader('audio'));
    return outputs;
  }

  #reader(kind: 'video' | 'audio'): (chunk: Buffer) => void {
    const assembler = this.#assembler;
    const reader = new TrackReader(kind);
    return (chunk) => {
      const now = { wallMs: this.#clock.wallMs(), monotonicMs: this.#clock.monotonicMs() };
      if (kind === 'video') this.watchdog.heard();
      for (const item of reader.push(chunk)) {
        if (item.type === 'track') assembler.onTrack(item.track);
        else assembler.onFragment(item.fragment, now);
      }
    };
  }
}

/** Ends the attempt when no picture comes. */
function watch(watchdog: Watchdog, clock: Clock, fail: (error: AppError) => void): Timer {
  let timer: Timer;
  const look = (): void => {
    const silence = watchdog.look();
    if (silence === undefined) timer = clock.setTimer(WATCH_EVERY_MS, look);
    else fail(silence);
  };
  timer = clock.setTimer(WATCH_EVERY_MS, look);
  return {
    cancel: () => {
      timer.cancel();
    },
  };
}

/** ffmpeg ended while the camera's connection stood: by itself, or killed (by a person, or by the system
 * for want of memory), which is no doing of the camera. */
function endOf(exit: FfmpegExit): AppError {
  const cause = new Error(
    `ffmpeg ended with ${String(exit.code ?? exit.signal)}: ${exit.stderrTail}`,
  );
  return exit.signal === null
    ? new AppError('unavailable', 'The picture ended.', { reason: 'disconnected', cause })
    : new AppError('internal', 'The process that reads the picture was killed.', { cause });
}
