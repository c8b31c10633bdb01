/** All cameras of the household, one actor each: added, changed, removed while the server runs. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { AppError, cancelled } from '../base/errors.ts';
import { errorFields, type Log } from '../base/log.ts';
import type {
  AddedCamera,
  Camera,
  CameraPatch,
  CameraTest,
  CameraTestInput,
  NewCamera,
  PictureSize,
} from '../contract/camera.ts';
import type { StreamName } from '../contract/live.ts';
import { systemLookup } from '../egress/resolve.ts';
import type { AttemptDeps } from '../ingest/run-once.ts';
import type { BoxKey } from '../keys/box-key.ts';
import {
  cameraById,
  insertCamera,
  listCameras,
  nextCameraPosition,
  removeCamera,
  updateCamera,
  type StoredCamera,
} from '../storage/cameras.ts';
import type { Database } from '../storage/database.ts';
import { newestPictureSize } from '../storage/runs.ts';
import { CameraActor, type CameraConfig, type RecorderSeat } from './camera-actor.ts';
import { openCredentials, sealCredentials, type CameraCredentials } from './camera-credentials.ts';
import type { CameraWatch, CameraWatcher } from './camera-watch.ts';
import { parseStoredSource, type StoredSource } from './stored-source.ts';
import type { Picture } from './take-picture.ts';
import { testSource, type SourceTest } from './test-source.ts';
import {
  patchedSource,
  resolveTypedSource,
  type ResolvedSource,
  type Resolver,
  withKnown,
} from './typed-source.ts';

/** What the registry needs. */
export interface CameraRegistryDeps extends AttemptDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly db: Database;
  readonly boxKey: BoxKey;
  /** The ports that Doorkeep itself listens on: no camera can be there. */
  readonly ownPorts: () => ReadonlySet<number>;
  readonly recorderFor: (cameraId: string) => RecorderSeat;
  /** A camera is there now, and can be watched. */
  readonly onInstalled?: (cameraId: string) => void;
  /** A row of a camera was added, changed or hidden. */
  readonly onChanged?: () => void;
  /** A camera was removed: its footage is to be deleted in the background. */
  readonly onRemoved: (cameraId: string) => void;
  /** A defect of ours that must not go unseen. */
  readonly onDefect: (error: unknown) => void;
}

/** A household's doorbells, and room for a small street; each costs an ffmpeg and 40 MB. */
const CAMERAS_MAX = 32;

/** Tests at once: each opens two connections and runs two ffmpegs for up to 15 s. */
const TESTS_MAX = 2;

/** See the head of this file. The constructor starts nothing. */
export class CameraRegistry {
  readonly #deps: CameraRegistryDeps;
  readonly #actors = new Map<string, CameraActor>();
  /** Changes of one camera happen one after the other. */
  readonly #busy = new Map<string, Promise<unknown>>();
  #tests = 0;
  /** The server is stopping: a camera test that ends now must not start another camera. */
  #stopped = false;

  constructor(deps: CameraRegistryDeps) {
    this.#deps = deps;
  }

  /** Starts every camera. A row that cannot be read keeps its camera off, not the others. */
  start(): void {
    for (const stored of listCameras(this.#deps.db)) {
      try {
        const actor = this.#install(this.#configOf(stored));
        const seen = newestPictureSize(this.#deps.db, stored.id);
        if (seen !== undefined) actor.notePictureSize(seen);
        actor.start();
      } catch (thrown) {
        this.#deps.log.error(
          { camera: stored.id, ...errorFields(thrown) },
          'a camera cannot be started: remove it and add it again',
        );
      }
    }
  }

  /** Stops every camera; resolves when everything pending is durable. Nothing starts afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#actors.values()].map((actor) => actor.stop('stopped')));
  }

  /** Every actor, for metrics. */
  actors(): Iterable<CameraActor> {
    return this.#actors.values();
  }

  list(): readonly Camera[] {
    return [...this.#actors.values()]
      .map((actor) => actor.view())
      .sort((a, b) => a.position - b.position);
  }

  get(id: string): Camera {
    return this.#actor(id).view();
  }

  snapshot(id: string, signal: AbortSignal): Promise<Picture> {
    return this.#actor(id).snapshot(signal);
  }

  /** Holds a stream of a camera and hears of its changes; `not-found` for a camera that is not there.
   * The watch stands until it is released or the camera is removed, whatever changes meanwhile. */
  watch(id: string, wanted: StreamName, watcher: CameraWatcher): CameraWatch {
    return this.#actor(id).watch(wanted, watcher);
  }

  async test(input: CameraTestInput, signal: AbortSignal): Promise<CameraTest> {
    const resolved = await resolveTypedSource(input.source, this.#resolver(signal));
    return (await this.#test(resolved, input.sound ?? false, signal)).test;
  }

  async add(input: NewCamera, signal: AbortSignal): Promise<AddedCamera> {
    this.#checkRoom();
    const resolved = await resolveTypedSource(input.source, this.#resolver(signal));
    const { source, test } = await this.#test(resolved, input.sound ?? false, signal);
    this.#checkGoingOn(signal);
    this.#checkRoom();
    const { db, clock, boxKey } = this.#deps;
    const id = randomBytes(8).toString('hex');
    const config: CameraConfig = {
      stored: {
        ...{ id, name: input.name.normalize('NFC').trim(), sourceJson: JSON.stringify(source) },
        sealedCredentials:
          resolved.credentials && sealCredentials(boxKey, id, resolved.credentials),
        ...{ sound: input.sound ?? false, enabled: true },
        ...{ position: nextCameraPosition(db), createdMs: clock.wallMs() },
      },
      ...{ source, credentials: resolved.credentials },
    };
    insertCamera(db, config.stored);
    this.#deps.onChanged?.();
    const actor = this.#install(config);
    actor.notePictureSize(sizeOf(test));
    actor.start();
    return { ...actor.view(), test };
  }

  change(id: string, patch: CameraPatch, signal: AbortSignal): Promise<Camera> {
    return this.#oneAtATime(id, async () => {
      const before = this.#actor(id).config;
      const { next, seen } = await this.#changed(before, patch, signal);
      this.#checkGoingOn(signal);
      updateCamera(this.#deps.db, next.stored);
      this.#deps.onChanged?.();
      const actor = this.#actor(id);
      const isAnew = needsRestart(before, next);
      if (isAnew) await actor.stop(next.stored.enabled ? 'stopped' : 'disabled');
      actor.configure(next);
      if (seen !== undefined) actor.notePictureSize(seen);
      if (isAnew && !this.#isStopped()) actor.start();
      return actor.view();
    });
  }

  remove(id: string): Promise<void> {
    return this.#oneAtATime(id, async () => {
      // A camera whose row cannot be read has no actor, and can be removed all the same.
      const actor = this.#actors.get(id);
      if (actor === undefined && cameraById(this.#deps.db, id) === undefined) throw noSuchCamera();
      // Hidden first: after a crash half-way the camera must not come back.
      removeCamera(this.#deps.db, id, this.#deps.clock.wallMs());
      this.#deps.onChanged?.();
      this.#actors.delete(id);
      actor?.forget();
      await actor?.stop('removed');
      this.#deps.onRemoved(id);
    });
  }

  async #changed(
    before: CameraConfig,
    patch: CameraPatch,
    signal: AbortSignal,
  ): Promise<{ next: CameraConfig; seen: PictureSize | undefined }> {
    const sound = patch.sound ?? before.stored.sound;
    let source: StoredSource = before.source;
    let credentials: CameraCredentials | undefined = before.credentials;
    let seen: PictureSize | undefined;
    if (patch.source !== undefined) {
      const patched = patchedSource(before.source, before.credentials, patch.source);
      const resolved = await resolveTypedSource(patched.typed, this.#resolver(signal));
      const known = patched.isKnown ? withKnown(resolved.source, before.source) : resolved.source;
      const tested = await this.#test({ ...resolved, source: known }, sound, signal);
      source = tested.source;
      seen = sizeOf(tested.test);
      credentials = resolved.credentials;
    }
    const { id } = before.stored;
    const sealed =
      credentials === before.credentials
        ? before.stored.sealedCredentials
        : credentials && sealCredentials(this.#deps.boxKey, id, credentials);
    const stored: StoredCamera = {
      ...before.stored,
      ...{ sound, sealedCredentials: sealed, sourceJson: JSON.stringify(source) },
      name: patch.name?.normalize('NFC').trim() ?? before.stored.name,
      enabled: patch.enabled ?? before.stored.enabled,
      position: patch.position ?? before.stored.position,
    };
    return { next: { stored, source, credentials }, seen };
  }

  async #test(resolved: ResolvedSource, sound: boolean, signal: AbortSignal): Promise<SourceTest> {
    if (this.#tests >= TESTS_MAX) {
      throw new AppError('throttled', 'Other cameras are being tried right now.', {
        hint: 'Wait a few seconds and try again.',
      });
    }
    this.#tests += 1;
    try {
      return await testSource(resolved, sound, this.#deps, signal);
    } finally {
      this.#tests -= 1;
    }
  }

  #configOf(stored: StoredCamera): CameraConfig {
    const source = parseStoredSource(stored.sourceJson);
    return { stored, source, credentials: this.#credentialsOf(stored) };
  }

  /** A password that does not open (the box key was replaced) costs the password and not the camera:
   * it goes on without, reads as "wrong password", and the owner types it again. */
  #credentialsOf({ id, sealedCredentials }: StoredCamera): CameraCredentials | undefined {
    if (sealedCredentials === undefined) return undefined;
    try {
      return openCredentials(this.#deps.boxKey, id, sealedCredentials);
    } catch (thrown) {
      this.#deps.log.error(
        { camera: id, ...errorFields(thrown) },
        'a camera’s stored password cannot be read: type it again',
      );
      return undefined;
    }
  }

  #install(config: CameraConfig): CameraActor {
    const { id } = config.stored;
    const { clock, gateway, ffmpegPath, pace, runOnce, random, log, onDefect } = this.#deps;
    const actor = new CameraActor(config, {
      ...{ clock, gateway, ffmpegPath, pace, runOnce, random, log, onDefect },
      recorder: this.#deps.recorderFor(id),
      onDigest: () => {
        this.#rememberDigest(id);
      },
    });
    this.#actors.set(id, actor);
    this.#deps.onInstalled?.(id);
    return actor;
  }

  #rememberDigest(id: string): void {
    const stored = cameraById(this.#deps.db, id);
    if (stored === undefined) return;
    const source: StoredSource = {
      ...parseStoredSource(stored.sourceJson),
      authentication: 'digest',
    };
    const changed = { ...stored, sourceJson: JSON.stringify(source) };
    updateCamera(this.#deps.db, changed);
    this.#deps.onChanged?.();
    const actor = this.#actors.get(id);
    actor?.configure({ ...actor.config, stored: changed, source });
  }

  #resolver(signal: AbortSignal): Resolver {
    const { clock, ownPorts } = this.#deps;
    return { clock, ownPorts: ownPorts(), lookup: systemLookup, signal };
  }

  #actor(id: string): CameraActor {
    const actor = this.#actors.get(id);
    if (actor === undefined) throw noSuchCamera();
    return actor;
  }

  // A function of its own, because control-flow analysis does not know that an await can stop us.
  #isStopped(): boolean {
    return this.#stopped;
  }

  /** Throws when nobody waits for the answer any more, or the server is stopping. */
  #checkGoingOn(signal: AbortSignal): void {
    if (signal.aborted) throw cancelled(signal);
    if (!this.#stopped) return;
    throw new AppError('unavailable', 'Doorkeep is stopping.', {
      hint: 'Try again when it has started.',
    });
  }

  #checkRoom(): void {
    if (this.#actors.size < CAMERAS_MAX) return;
    throw new AppError('conflict', `Doorkeep keeps ${String(CAMERAS_MAX)} cameras at most.`, {
      hint: 'Remove one that is no longer used.',
    });
  }

  async #oneAtATime<T>(id: string, work: () => Promise<T>): Promise<T> {
    const before = this.#busy.get(id) ?? Promise.resolve();
    const mine = before.then(work, work);
    // What fails is told to the one who asked, not to the one who waits.
    const settled = mine.catch(() => undefined);
    this.#busy.set(id, settled);
    try {
      return await mine;
    } finally {
      if (this.#busy.get(id) === settled) this.#busy.delete(id);
    }
  }
}

function sizeOf({ main }: CameraTest): PictureSize {
  return { width: main.video.width, height: main.video.height };
}

function noSuchCamera(): AppError {
  return new AppError('not-found', 'There is no such camera.', {
    hint: 'It may have been removed. Look at the list of cameras.',
  });
}

/** A new name or place is only a label; anything else needs another connection. */
function needsRestart(before: CameraConfig, next: CameraConfig): boolean {
  return (
    before.stored.sourceJson !== next.stored.sourceJson ||
    before.stored.sealedCredentials !== next.stored.sealedCredentials ||
    before.stored.sound !== next.stored.sound ||
    before.stored.enabled !== next.stored.enabled
  );
}
