/** Cameras that are watched, without a camera: a hub per start, and a condition that a test sets. */
import { AppError } from '../../server/base/errors.ts';
import { monotonicMs } from '../../server/base/time.ts';
import type {
  CameraCondition,
  CameraWatch,
  CameraWatcher,
} from '../../server/camera/camera-watch.ts';
import type { StreamName } from '../../server/contract/live.ts';
import type { Fragment } from '../../server/fmp4/fragment.ts';
import { Hub } from '../../server/ingest/hub.ts';
import type { StreamRun } from '../../server/ingest/stream-run.ts';
import type { WatchedCameras } from '../../server/live/live-service.ts';

/** One camera. */
export class WatchedCamera {
  hub: Hub | undefined = new Hub();
  /** What `sub` is answered with; `main` unless said. */
  subHub: Hub | undefined;
  condition: CameraCondition = { state: 'online' };
  readonly watchers = new Set<CameraWatcher>();
  /** What the watchers asked for. */
  readonly wanted: StreamName[] = [];

  watch(wanted: StreamName, watcher: CameraWatcher): CameraWatch {
    this.watchers.add(watcher);
    this.wanted.push(wanted);
    return {
      stream: () => {
        if (wanted === 'sub' && this.subHub !== undefined) return { name: 'sub', hub: this.subHub };
        return this.hub === undefined ? undefined : { name: 'main', hub: this.hub };
      },
      condition: () => this.condition,
      release: () => {
        this.watchers.delete(watcher);
      },
    };
  }

  become(condition: CameraCondition): void {
    this.condition = condition;
    this.changed();
  }

  changed(): void {
    for (const watcher of [...this.watchers]) watcher.onChange();
  }

  begin(run: StreamRun): void {
    this.hub?.publish({ type: 'run', run });
  }

  media(arrivedMs: number, ...fragments: readonly Fragment[]): void {
    for (const fragment of fragments) {
      this.hub?.publish({ type: 'fragment', fragment, arrivedMs: monotonicMs(arrivedMs) });
    }
  }

  /** Stops and starts again, as a change of its settings does. */
  restart(): void {
    const before = this.hub;
    this.hub = undefined;
    before?.close();
    this.changed();
    this.hub = new Hub();
    this.changed();
  }
}

/** Cameras by id. */
export class WatchedHousehold implements WatchedCameras {
  readonly cameras = new Map<string, WatchedCamera>();

  /** Adds a camera, or answers the one with this id. */
  camera(id: string): WatchedCamera {
    const camera = this.cameras.get(id) ?? new WatchedCamera();
    this.cameras.set(id, camera);
    return camera;
  }

  watch(id: string, wanted: StreamName, watcher: CameraWatcher): CameraWatch {
    const camera = this.cameras.get(id);
    if (camera === undefined) throw new AppError('not-found', 'There is no such camera.');
    return camera.watch(wanted, watcher);
  }

  remove(id: string): void {
    const camera = this.cameras.get(id);
    this.cameras.delete(id);
    for (const watcher of [...(camera?.watchers ?? [])]) watcher.onRemoved();
  }
}
