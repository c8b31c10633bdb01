/**
 * A simulated doorbell: a drawn place where people and dogs come and go, encoded as it is drawn and
 * served over RTSP with all the troubles of `rtsp-camera/`.
 *
 *   const doorbell = await DoorbellCamera.start({ place: 'porch', sound: true });
 *   doorbell.mainUrl, doorbell.subUrl          // rtsp://127.0.0.1:PORT/main, /sub
 *   doorbell.rtsp.trouble.stall = true;        // trouble.ts; `rtsp.login`, `rtsp.dropConnections()`
 *   doorbell.visit('dog');                     // now; also 'visitor' and 'courier'
 *   doorbell.light = 'night';                  // 'day', 'clock'
 *   doorbell.sceneAt(wallMs).actors            // who is there, without looking at pixels
 *   await doorbell.stop();
 */
import { type Clock, SystemClock } from '../../../server/base/clock.ts';
import { type MonotonicMs, monotonicMs } from '../../../server/base/time.ts';
import { RtspCamera } from '../rtsp-camera/camera.ts';
import { LiveSource } from '../rtsp-camera/live-source.ts';
import type { LoginScheme } from '../rtsp-camera/login.ts';
import type { AudioFormat } from '../rtsp-camera/media-source.ts';
import { LiveEncoder, type StreamName } from './live-encoder.ts';
import { clockText } from './overlay.ts';
import { Painter } from './painter.ts';
import type { PlaceName } from './place.ts';
import type { Size } from './raster/yuv-picture.ts';
import {
  type LightSetting,
  type Scene,
  sceneAt,
  type SceneSettings,
  type Visit,
  type VisitKind,
} from './scene.ts';
import { GARAGE } from './scenery/garage.ts';
import { GARDEN } from './scenery/garden.ts';
import { PORCH } from './scenery/porch.ts';
import { PACKET_MS, SAMPLE_RATE, soundPacket } from './sound.ts';

/** How a doorbell is made; all but the place has a value. */
export interface DoorbellOptions {
  readonly place: PlaceName;
  /** Even numbers. Portrait for the porch unless said, as doorbells are: see `SIZES`. */
  readonly size?: Size;
  /** 15 unless said. */
  readonly fps?: number;
  /** 2 unless said. */
  readonly gopSeconds?: number;
  readonly seed?: number;
  /** Share of the time slots in which somebody comes by unasked; 0.6 unless said. */
  readonly liveliness?: number;
  readonly light?: LightSetting;
  /** G.711 at 8 kHz; none unless said. */
  readonly sound?: boolean;
  /** Boxes at the lower left that carry the time to the millisecond (raster/time-code.ts). */
  readonly timeCode?: boolean;
  /** The machine's unless said. */
  readonly utcOffsetMs?: number;
  readonly login?: LoginScheme;
  readonly username?: string;
  readonly password?: string;
  /** A free one unless said. */
  readonly port?: number;
  readonly clock?: Clock;
}

/** Sizes as cameras have them: a doorbell stands upright. */
export const SIZES: Readonly<Record<PlaceName, Size>> = {
  porch: { width: 720, height: 960 },
  garden: { width: 1280, height: 720 },
  garage: { width: 960, height: 720 },
};

const PLACES = { porch: PORCH, garden: GARDEN, garage: GARAGE };

/** What the two streams are called. */
const PATHS = { main: '/main', sub: '/sub' } as const;

/** Visits that were asked for are forgotten in this number: the oldest has long gone home. */
const ASKED_MAX = 8;

/** A fifth of a second: a machine that did something else comes back within it, mostly. */
const LATE_MAX_FRAMES = 3;

/** Sound that is later than this is left out: a machine that slept does not make up for it. */
const CATCH_UP_MAX_MS = 500;

const SOUND: AudioFormat = {
  codec: 'pcmu',
  sampleRate: SAMPLE_RATE,
  channels: 1,
  config: undefined,
};

/** See the head of this file. Use `start`. */
export class DoorbellCamera {
  readonly size: Size;
  readonly subSize: Size;
  /** By the clock of the place, or fixed. */
  light: LightSetting;
  /** Frames not drawn because the machine was too slow. */
  skippedFrames = 0;
  /** Rejects when the picture cannot go on; pending otherwise. */
  readonly failed: Promise<never>;
  readonly #options: DoorbellOptions;
  readonly #clock: Clock;
  readonly #painter: Painter;
  readonly #encoder: LiveEncoder;
  readonly #over = new AbortController();
  #asked: readonly Visit[] = [];
  #sources: Record<StreamName, LiveSource> | undefined;
  #rtsp: RtspCamera | undefined;
  #running: Promise<void> = Promise.resolve();

  private constructor(options: DoorbellOptions) {
    const size = options.size ?? SIZES[options.place];
    this.#options = options;
    this.#clock = options.clock ?? new SystemClock();
    this.size = size;
    this.subSize = { width: halfOf(size.width), height: halfOf(size.height) };
    this.light = options.light ?? 'clock';
    this.#painter = new Painter(PLACES[options.place], size);
    let fail: (error: Error) => void = () => undefined;
    this.failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    // Whoever asks is told; nobody has to ask.
    this.failed.catch(() => undefined);
    this.#encoder = new LiveEncoder({
      ...{ clock: this.#clock, size, subSize: this.subSize },
      ...{ fps: this.#fps, gopSeconds: options.gopSeconds ?? 2 },
      onPicture: (stream, picture, takenMs) => this.#sources?.[stream].picture(picture, takenMs),
      onFailed: fail,
    });
  }

  /** Draws, encodes and listens; resolves when clients may come. Throws with ffmpeg's words when it
   * cannot encode. */
  static async start(options: DoorbellOptions): Promise<DoorbellCamera> {
    const camera = new DoorbellCamera(options);
    try {
      camera.#running = camera.#run(camera.#over.signal);
      await camera.#listen();
      return camera;
    } catch (thrown) {
      await camera.stop();
      throw thrown;
    }
  }

  /** The camera on the network: troubles, login, clients. */
  get rtsp(): RtspCamera {
    if (this.#rtsp === undefined) throw new Error('the doorbell has not started');
    return this.#rtsp;
  }

  get mainUrl(): string {
    return this.rtsp.url(PATHS.main);
  }

  get subUrl(): string {
    return this.rtsp.url(PATHS.sub);
  }

  /** ffmpeg's process, for measuring. */
  get encoderPid(): number | undefined {
    return this.#encoder.pid;
  }

  /** Somebody sets out for the door now; which of their kind, unless said, goes by turns. */
  visit(kind: VisitKind, who = this.#asked.length): Visit {
    const visit = { kind, startMs: this.#clock.wallMs(), who };
    this.#asked = [...this.#asked, visit].slice(-ASKED_MAX);
    return visit;
  }

  /** What is in front of the camera at a moment; wall clock. */
  sceneAt(wallMs: number): Scene {
    return sceneAt(wallMs, this.#settings, this.#asked);
  }

  /** Stops drawing, encoding and listening; nothing is left running. */
  async stop(): Promise<void> {
    this.#over.abort();
    await Promise.all([this.#running, this.#encoder.stop(), this.#rtsp?.close()]);
  }

  get #fps(): number {
    return this.#options.fps ?? 15;
  }

  get #settings(): SceneSettings {
    const { place, seed = 1, liveliness = 0.6, utcOffsetMs } = this.#options;
    const { routes } = PLACES[place];
    return {
      routes,
      seed,
      liveliness,
      light: this.light,
      utcOffsetMs: utcOffsetMs ?? localOffsetMs(this.#clock),
    };
  }

  async #listen(): Promise<void> {
    const sets = await Promise.race([this.#encoder.parameterSets, this.failed]);
    const { sound = false, login, username, password, port } = this.#options;
    const audio = sound ? SOUND : undefined;
    const source = (stream: StreamName): LiveSource =>
      new LiveSource({ video: { codec: 'h264', parameterSets: sets[stream] }, audio });
    this.#sources = { main: source('main'), sub: source('sub') };
    this.#rtsp = await RtspCamera.start({
      streams: { [PATHS.main]: this.#sources.main, [PATHS.sub]: this.#sources.sub },
      clock: this.#clock,
      // Any player may be pointed at it.
      extras: false,
      ...(login !== undefined && { login }),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(port !== undefined && { port }),
    });
  }

  // Frame by frame on an even grid of time: a little late is made up for, more is left out.
  async #run(signal: AbortSignal): Promise<void> {
    const frameMs = 1_000 / this.#fps;
    const startMs = this.#clock.monotonicMs();
    let heardMs = startMs;
    for (let frame = 0; !signal.aborted; frame += 1) {
      const late = Math.floor((this.#clock.monotonicMs() - startMs) / frameMs) - frame;
      if (late > LATE_MAX_FRAMES) {
        frame += late;
        this.skippedFrames += late;
      }
      const takenMs = monotonicMs(startMs + frame * frameMs);
      const waitMs = takenMs - this.#clock.monotonicMs();
      if (waitMs > 0) await this.#clock.sleep(waitMs, signal).catch(() => undefined);
      if (aborted(signal)) return;
      if (this.#encoder.ready) this.#film(takenMs);
      else this.skippedFrames += 1;
      heardMs = this.#hear(heardMs, takenMs);
    }
  }

  #film(takenMs: MonotonicMs): void {
    const wallMs = this.#wallAt(takenMs);
    const { senderReportStepMs = 0 } = this.#rtsp?.trouble ?? {};
    const settings = this.#settings;
    this.#painter.draw(this.sceneAt(wallMs), wallMs, {
      // A camera whose clock is wrong shows the wrong time.
      clock: clockText(wallMs + senderReportStepMs, settings.utcOffsetMs),
      timeCodeMs: this.#options.timeCode === true ? wallMs : undefined,
    });
    this.#encoder.write(this.#painter.picture.bytes, takenMs);
  }

  // All whole packets up to a moment; answers where the next one begins.
  #hear(fromMs: MonotonicMs, toMs: MonotonicMs): MonotonicMs {
    if (this.#options.sound !== true || this.#sources === undefined) return toMs;
    let heardMs = toMs - fromMs > CATCH_UP_MAX_MS ? toMs : fromMs;
    for (; heardMs + PACKET_MS <= toMs; heardMs = monotonicMs(heardMs + PACKET_MS)) {
      const packet = soundPacket(this.#wallAt(heardMs), this.#settings, this.#asked);
      for (const source of [this.#sources.main, this.#sources.sub]) source.sound(packet, heardMs);
    }
    return heardMs;
  }

  #wallAt(momentMs: MonotonicMs): number {
    return this.#clock.wallMs() - (this.#clock.monotonicMs() - momentMs);
  }
}

function halfOf(pixels: number): number {
  return Math.round(pixels / 4) * 2;
}

function localOffsetMs(clock: Clock): number {
  return -new Date(clock.wallMs()).getTimezoneOffset() * 60_000;
}

// A function of its own, because control-flow analysis does not know that an await can abort.
function aborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
