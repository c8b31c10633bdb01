/** What somebody who watches a camera holds on to, however often the camera is started anew. */
import type { CameraState, CameraStateReason } from '../contract/camera.ts';
import type { StreamName } from '../contract/live.ts';
import type { Hub } from '../ingest/hub.ts';

/** A stream to subscribe to. Its hub closes when the camera stops; then another one is to be asked
 * for. */
export interface WatchedStream {
  /** What it really is: `main` also for those who asked for `sub` where there is none. */
  readonly name: StreamName;
  readonly hub: Hub;
}

/** How a camera is, in the words of the contract. */
export interface CameraCondition {
  readonly state: CameraState;
  readonly stateReason?: CameraStateReason;
}

/** One watcher's hold on a camera. A sub-stream runs while somebody holds it. */
export interface CameraWatch {
  /** What to follow now; undefined while the camera is switched off or is being started again. */
  stream(): WatchedStream | undefined;
  condition(): CameraCondition;
  /** Lets go. Idempotent. */
  release(): void;
}

/** Told of changes, at once and without content, so that nothing has to be queued: who is told looks
 * again. Must not throw. */
export interface CameraWatcher {
  /** `stream` or `condition` may answer differently now. */
  onChange(): void;
  /** The camera was removed and never comes back. */
  onRemoved(): void;
}
