/** One ffmpeg that encodes pictures as they are drawn, as a main stream and a sub-stream. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../../../server/base/clock.ts';
import { BoundedQueue } from '../../../server/base/bounded-queue.ts';
import type { MonotonicMs } from '../../../server/base/time.ts';
import { ffmpegPath } from '../../fixtures/test-ffmpeg.ts';
import type { Picture } from '../rtsp-camera/media-source.ts';
import { FlvReader } from './flv-reader.ts';
import type { Size } from './raster/yuv-picture.ts';

/** The two pictures of a camera. */
export type StreamName = 'main' | 'sub';

/** What an encoder is to do. */
export interface EncoderOptions {
  readonly clock: Clock;
  readonly size: Size;
  readonly subSize: Size;
  readonly fps: number;
  readonly gopSeconds: number;
  /** Each picture, in order, some milliseconds after it was given. */
  readonly onPicture: (stream: StreamName, picture: Picture, takenMs: MonotonicMs) => void;
  /** It ended although nobody stopped it. */
  readonly onFailed: (error: Error) => void;
}

/** What ffmpeg gives back for one picture takes some milliseconds; 4 s of pictures is a standstill. */
const IN_WORK_MAX = 64;

/** The last words of ffmpeg, for the error. */
const STDERR_MAX_CHARS = 2_000;

/** After its input ended it has some pictures to finish, which takes far less. */
const STOP_WITHIN_MS = 3_000;

/** ffmpeg's file descriptors 0 to 2 are what they always are. */
const OUTPUT_DESCRIPTORS = { main: 3, sub: 4 } as const;

/** A drawing has even colours: at this quality neither stream shows blocks, and both stay small. */
const QUALITY = { main: { crf: 22, maxKbps: 2_500 }, sub: { crf: 23, maxKbps: 700 } } as const;

/** See the head of this file. Use `start`. */
export class LiveEncoder {
  /** Once both streams have begun: what the SDP announces. */
  readonly parameterSets: Promise<Record<StreamName, readonly Buffer[]>>;
  readonly #options: EncoderOptions;
  readonly #child: ChildProcess;
  readonly #input: Writable;
  readonly #ended: Promise<void>;
  readonly #takenMs: Record<StreamName, BoundedQueue<MonotonicMs>>;
  #stopping = false;
  #stderr = '';

  constructor(options: EncoderOptions) {
    this.#options = options;
    // A group of its own: Ctrl-C in a terminal is for whoever owns the camera, who then stops it.
    this.#child = spawn(ffmpegPath, encoderArguments(options), {
      stdio: ['pipe', 'ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const limits = { maxItems: IN_WORK_MAX, maxBytes: Infinity };
    this.#takenMs = {
      main: new BoundedQueue(limits, () => 0),
      sub: new BoundedQueue(limits, () => 0),
    };
    this.#input = this.#child.stdio[0]!;
    // An input that breaks is told by the exit, with what ffmpeg said about it.
    this.#input.on('error', () => undefined);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_MAX_CHARS);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#stderr += error.message;
        resolve();
      });
      this.#child.once('close', () => {
        resolve();
      });
    });
    const [main, sub] = [this.#read('main'), this.#read('sub')];
    this.parameterSets = Promise.all([main, sub]).then(([ofMain, ofSub]) => ({
      main: ofMain,
      sub: ofSub,
    }));
    void this.#ended.then(() => {
      if (!this.#stopping) options.onFailed(new Error(`ffmpeg ended: ${this.#stderr.trim()}`));
    });
  }

  /** The process, for measuring. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether the picture before has been taken over entirely. */
  get ready(): boolean {
    return this.#input.writableLength === 0;
  }

  /** Gives a picture to encode. Its bytes must not change until `ready`. */
  write(bytes: Buffer, takenMs: MonotonicMs): void {
    if (!this.#takenMs.main.push(takenMs) || !this.#takenMs.sub.push(takenMs)) {
      this.#options.onFailed(new Error('ffmpeg takes pictures and gives none back'));
      return;
    }
    this.#input.write(bytes);
  }

  /** Ends the process; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#input.end();
    const guard = this.#options.clock.setTimer(STOP_WITHIN_MS, () => this.#child.kill('SIGKILL'));
    await this.#ended;
    guard.cancel();
  }

  // Answers with the parameter sets, and passes on pictures from then on.
  #read(stream: StreamName): Promise<readonly Buffer[]> {
    const reader = new FlvReader();
    const output = this.#child.stdio[OUTPUT_DESCRIPTORS[stream]] as Readable;
    return new Promise((resolve) => {
      output.on('data', (chunk: Buffer) => {
        for (const item of reader.push(chunk)) {
          if (item.kind === 'parameter sets') resolve(item.sets);
          else this.#onPicture(stream, item);
        }
      });
    });
  }

  // One packet for each picture, in order: no B-frames, no frames dropped or doubled.
  #onPicture(stream: StreamName, picture: Picture): void {
    const takenMs = this.#takenMs[stream].take();
    if (takenMs !== undefined && !this.#stopping) this.#options.onPicture(stream, picture, takenMs);
  }
}

/** ffmpeg's arguments. */
export function encoderArguments(options: EncoderOptions): string[] {
  const { size, subSize, fps } = options;
  return [
    ...['-nostdin', '-hide_banner', '-v', 'error', '-probesize', '32'],
    ...['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', textOf(size)],
    ...['-framerate', String(fps), '-i', 'pipe:0'],
    ...outputArguments('main', options, []),
    ...outputArguments('sub', options, ['-s', textOf(subSize), '-sws_flags', 'fast_bilinear']),
  ];
}

function outputArguments(
  stream: StreamName,
  { fps, gopSeconds }: EncoderOptions,
  scale: readonly string[],
): string[] {
  const gop = String(fps * gopSeconds);
  const { crf, maxKbps } = QUALITY[stream];
  return [
    ...['-map', '0:v', ...scale, '-fps_mode', 'passthrough'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-threads', '1'],
    ...['-g', gop, '-keyint_min', gop, '-sc_threshold', '0', '-bf', '0', '-crf', String(crf)],
    ...['-maxrate', `${String(maxKbps)}k`, '-bufsize', `${String(maxKbps * 2)}k`],
    ...[
      '-color_range',
      'tv',
      '-colorspace',
      'bt709',
      '-color_primaries',
      'bt709',
      '-color_trc',
      'bt709',
    ],
    ...['-flush_packets', '1', '-f', 'flv', `pipe:${String(OUTPUT_DESCRIPTORS[stream])}`],
  ];
}

function textOf({ width, height }: Size): string {
  return `${String(width)}x${String(height)}`;
}
