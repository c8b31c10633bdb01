/** All viewers of the household: how many there may be, who ends them, what they cost. */
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import type { CameraWatch, CameraWatcher } from '../camera/camera-watch.ts';
import type { StreamName } from '../contract/live.ts';
import type { LiveClose, LiveSocket } from './live-socket.ts';
import { Viewer } from './viewer.ts';

/** Ten browsers with six pictures each: more than a household looks at. Each costs the network what
 * its camera sends, and at most `SOCKET_MAX_BYTES` of memory of its own. */
export const VIEWERS_MAX = 64;

/** What a viewer asks for. */
export interface LiveRequest {
  readonly cameraId: string;
  readonly stream: StreamName;
  readonly sound: boolean;
  /** Why whoever asks may look no longer; undefined while they may. Asked each minute and whenever
   * `recheck` is called. */
  readonly refusal: () => LiveClose | undefined;
}

/** Where viewers find their cameras; the registry of cameras is one. */
export interface WatchedCameras {
  /** `not-found` for a camera that is not there. */
  watch(id: string, wanted: StreamName, watcher: CameraWatcher): CameraWatch;
}

/** What `LiveService` is made of. */
export interface LiveParts {
  readonly cameras: WatchedCameras;
  readonly clock: Clock;
  readonly log: Log;
}

/** See the head of this file. */
export class LiveService {
  readonly #parts: LiveParts;
  readonly #viewers = new Map<Viewer, Promise<void>>();
  /** Of viewers that have left. */
  #droppedFrames = 0;
  #stopped = false;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  /** Viewers now. */
  get viewers(): number {
    return this.#viewers.size;
  }

  /** Video frames that viewers did not get since the start, because they were too slow. */
  get droppedFrames(): number {
    let total = this.#droppedFrames;
    for (const viewer of this.#viewers.keys()) total += viewer.droppedFrames;
    return total;
  }

  /** Serves a connection from now on; whatever is wrong is told through it. Never throws. */
  open(socket: LiveSocket, request: LiveRequest): void {
    if (this.#stopped || this.#viewers.size >= VIEWERS_MAX) {
      socket.close(this.#stopped ? 'goingAway' : 'tooMany');
      return;
    }
    const { cameras, clock } = this.#parts;
    const { cameraId, stream, sound, refusal } = request;
    const viewer = new Viewer({
      ...{ socket, clock, sound, refusal },
      watch: (watcher) => cameras.watch(cameraId, stream, watcher),
    });
    this.#viewers.set(viewer, this.#serve(viewer, cameraId));
  }

  /** Somebody signed out, or may have: ends the viewers of whoever may look no longer. */
  recheck(): void {
    for (const viewer of [...this.#viewers.keys()]) viewer.checkAllowed();
  }

  /** Ends all viewers and serves no others; resolves when they hold nothing any more. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const served = [...this.#viewers.values()];
    for (const viewer of this.#viewers.keys()) viewer.end('goingAway');
    await Promise.all(served);
  }

  async #serve(viewer: Viewer, camera: string): Promise<void> {
    try {
      await viewer.run();
    } catch (thrown) {
      const isGone = thrown instanceof AppError && thrown.kind === 'not-found';
      if (!isGone) {
        // A viewer's defect must not end a recording: the page connects again and begins anew.
        this.#parts.log.error(
          { camera, ...errorFields(thrown) },
          'a live view ended with a defect',
        );
      }
      viewer.end(isGone ? 'cameraGone' : 'goingAway');
    } finally {
      this.#viewers.delete(viewer);
      this.#droppedFrames += viewer.droppedFrames;
    }
  }
}
