/**
 * The composition root: opens everything in order, knows both ends of everything, and closes it in
 * reverse. Nothing else builds a service.
 */
import { join } from 'node:path';
import { buildApi } from './api/build-api.ts';
import { FrontDoor } from './api/front-door.ts';
import { Listening } from './api/listening.ts';
import type { Services } from './api/services.ts';
import { readBuiltPage } from './api/built-page.ts';
import { AuthService } from './auth/auth-service.ts';
import { PasswordHasher } from './auth/password-hasher.ts';
import { SetupCode } from './auth/setup-code.ts';
import { createToken, loadOrCreateToken } from './auth/token-file.ts';
import { BackupService } from './backup/backup-service.ts';
import { RestoreService } from './backup/restore-service.ts';
import { background, type Loop } from './background.ts';
import type { Clock } from './base/clock.ts';
import { AppError } from './base/errors.ts';
import { errorFields, type Log } from './base/log.ts';
import { ReadPace } from './base/read-pace.ts';
import { toRfc3339, type EpochMs } from './base/time.ts';
import { CameraRegistry } from './camera/camera-registry.ts';
import { PACKAGE_ROOT, type Config } from './config.ts';
import { type BoxNames, readBoxNames } from './certificates/box-names.ts';
import { Certificates, type CertificatesOptions } from './certificates/certificates.ts';
import type { HealthStatus } from './contract/health.ts';
import type { Recordings } from './contract/recording.ts';
import { DoorstepWindow, type DoorstepPort } from './doorstep/doorstep-window.ts';
import { NetworksIn } from './egress/networks-in.ts';
import { ExportService } from './exports/export-service.ts';
import { runOnce } from './ingest/run-once.ts';
import { BoxKey } from './keys/box-key.ts';
import { LiveService } from './live/live-service.ts';
import { ServerMetrics } from './metrics/server-metrics.ts';
import { openEgress, type Egress } from './open-egress.ts';
import {
  keyEvents,
  openRecord,
  type OpenedRecord,
  recordPeople,
  recordRefusals,
} from './open-record.ts';
import { openStorage, type Storage } from './open-storage.ts';
import { PlaybackService } from './playback/playback-service.ts';
import { type Entrance, HomeReach } from './reach/home-reach.ts';
import { KnownAddresses } from './reach/known-addresses.ts';
import { welcome } from './reach/welcome.ts';
import { Recorder } from './recorder/recorder.ts';
import { settleWhenLearned } from './recorder/settle-when-learned.ts';
import { cameraById } from './storage/cameras.ts';
import type { DataFolder } from './storage/data-folder.ts';
import type { Database } from './storage/database.ts';
import { diskSpace, type DiskSpace } from './storage/disk-space.ts';
import { FirstSteps } from './storage/first-steps.ts';
import { FootageInUse } from './storage/footage-in-use.ts';
import type { FootageWatch } from './storage/footage-watch.ts';
import { FootageUse } from './storage/footage-use.ts';
import { Forgetter } from './storage/forget.ts';
import { ProtectedFootage } from './storage/protected-footage.ts';
import { recordedRanges } from './storage/recordings.ts';
import { Retention } from './storage/retention.ts';
import { StorageReport } from './storage/storage-report.ts';
import { userById } from './storage/users.ts';
import { BoxTime } from './time/box-time.ts';
import { machineTime, type MachineTime } from './time/machine-time.ts';
import { ownDate } from './update/own-date.ts';

/** What the process gives the server. */
export interface AppOptions {
  readonly config: Config;
  readonly clock: Clock;
  /** Left out: that of the machine it runs on. */
  readonly machine?: MachineTime;
  readonly log: Log;
  /** A line for the person at the terminal; unlike the log it may show the set-up token. */
  readonly print: (line: string) => void;
  /** Asks the person at the terminal whether the home may open the box; undefined: nobody answered.
   * Left out where there is nobody to ask. */
  readonly ask?: (signal: AbortSignal) => Promise<boolean | undefined>;
  /** A defect that nothing can carry on after. */
  readonly onDefect: (error: unknown) => void;
  /** The data folder holds what came out of a backup: stop, and start again. */
  readonly onRestored: () => void;
}

/** A running server. */
export interface App {
  /** Where programs on this machine find it, e.g. `http://127.0.0.1:8080`. */
  readonly address: string;
  /** For who notices rings and visits. */
  readonly doorstep: DoorstepPort;
  /** Orderly stop: what is pending becomes durable. */
  stop(): Promise<void>;
}

/** Closes what was opened, last first, even when one of them fails. */
class Closers {
  readonly #closers: (() => void | Promise<void>)[] = [];
  /** Something could not be closed. */
  failed = false;

  add(close: () => void | Promise<void>): void {
    this.#closers.push(close);
  }

  async closeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (thrown) {
        this.failed = true;
        errors.push(thrown);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'not everything could be closed');
  }
}

/** Starts everything, or nothing: what was opened is closed again when a later step fails. */
export async function startApp(options: AppOptions): Promise<App> {
  const closers = new Closers();
  try {
    return await openAll(options, closers);
  } catch (thrown) {
    await closers.closeAll().catch((closing: unknown) => {
      options.log.error(errorFields(closing), 'could not close what was opened');
    });
    throw thrown;
  }
}

async function openAll(options: AppOptions, closers: Closers): Promise<App> {
  const { config, clock, log } = options;
  const unlocked = new Set<() => void>();
  const storage = await openStorage(
    options,
    closers,
    keyEvents(unlocked, () => record),
  );
  const { db, folder, finisher, rebuilder } = storage;
  const time = new BoxTime({ clock, log, db, machine: options.machine ?? machineTime() });
  time.start();
  const boxKey = await BoxKey.load(join(folder.keysPath, 'box.key'));
  const record = await openRecord({ ...storage, boxKey, clock, time, log }, closers);
  const known = knownAddresses(db, options);
  const names = (): BoxNames => known.all();
  const certificates = await openCertificates(folder, boxKey, { clock, log, names });
  const networks = new NetworksIn();
  const door = new FrontDoor({
    ...{ clock, log, networks, hostNames: certificates, authority: () => certificates.authority },
    cameBy: (host) => reach.cameBy(host, { isOwners: false }),
  });
  const { ffmpegPath, confinedBy } = config;
  const logs = [recordRefusals(record.services.record)];
  const egress = openEgress({ db, log, clock: time, ffmpegPath, confinedBy, logs }, closers);
  const parts = buildParts(storage, { boxKey, door, time, egress }, options);
  const { cameras, exports, recorders, doorstep } = parts;
  unlocked.add(() => {
    void record.onUnlocked();
    finisher.wake();
    rebuilder.wake();
    exports.onUnlocked();
  });
  const auth = await openAuth(storage, clock);
  closers.add(recordPeople(auth.people, record.services.record, nameIn(db)));
  const setupToken = await auth.start();
  const moving = buildMoving(storage, auth, options);
  const api = await openApi(options, {
    ...{ storage, parts, time, auth, moving, egress, record, certificates, networks, door },
    reach: () => reach,
  });
  closers.add(() => api.close());
  const listening = new Listening(api, config.port);
  const reach: HomeReach = new HomeReach({
    ...{ db, certificates, networks, known, log, fixedHost: config.host },
    entrance: entranceOf(listening, door),
  });
  await reach.start();
  egress.ownPorts.add(listening.port);

  // From here on footage is written: marked unclean until the orderly stop says otherwise.
  closers.add(() => {
    if (!closers.failed) db.markStoppedCleanly();
  });
  closers.add(
    background([...loopsOf(storage, parts), certificates, moving.backups, time], options.onDefect),
  );
  closers.add(settleWhenLearned({ time, db, recorders }));
  closers.add(() => cameras.stop());
  closers.add(() => doorstep.stop());
  cameras.start();
  closers.add(watchLive(auth, parts.live));
  const { version } = config;
  closers.add(
    welcome({ ...options, reach, certificates, known, version, code: setupToken?.reveal() }),
  );
  return { address: reach.ownAddress, doorstep, stop: () => closers.closeAll() };
}

/** Everything that the routes are about. */
interface ApiParts {
  readonly storage: Storage;
  readonly parts: Parts;
  readonly time: BoxTime;
  readonly auth: AuthService;
  readonly moving: ReturnType<typeof buildMoving>;
  readonly egress: Egress;
  readonly record: OpenedRecord;
  readonly certificates: Certificates;
  readonly networks: NetworksIn;
  readonly door: FrontDoor;
  /** It listens with the API, so it comes after it. */
  readonly reach: () => HomeReach;
}

async function openApi(
  { config, clock, log }: AppOptions,
  all: ApiParts,
): ReturnType<typeof buildApi> {
  const { storage, parts, time, auth, moving, egress, record, certificates } = all;
  const { networks, door, reach } = all;
  const { cameras, exports, doorstep, live, metrics, recorders } = parts;
  const { db, footage, watch } = storage;
  return buildApi({
    services: {
      ...{ auth, cameras, exports, doorstep, live, metrics },
      recordings: {
        ranges: (camera, fromMs, toMs) => recordings(db, time, { camera, fromMs, toMs }),
      },
      time,
      playback: new PlaybackService({ db, footage, log }),
      ...storageServices(storage, parts, time),
      firstSteps: new FirstSteps({ db, clock: time, log }),
      health: { status: () => healthOf(watch, recorders.values()) },
      settings: { get: () => reach().get(), change: (patch) => reach().change(patch) },
      ...{ certificates, ...moving, privacy: egress, audit: record.services },
    },
    ...{ log, clock },
    config: {
      ...{ version: config.version, hostNames: certificates, networks, door },
      ownerCameBy: (host) => {
        void reach().cameBy(host, { isOwners: true });
      },
      page: await readBuiltPage(join(PACKAGE_ROOT, 'dist', 'page')),
      program: ownDate(PACKAGE_ROOT),
    },
  });
}

function openCertificates(
  { keysPath }: DataFolder,
  boxKey: BoxKey,
  around: Pick<CertificatesOptions, 'clock' | 'log' | 'names'>,
): Promise<Certificates> {
  const folder = join(keysPath, 'tls');
  return Certificates.open({ ...around, folder, boxKey, random: Math.random });
}

function knownAddresses(db: Database, { config, clock }: AppOptions): KnownAddresses {
  const { addresses: told = { names: [], addresses: [] }, confinedBy } = config;
  // Said by the container's start alone (docs/design/confinement.md).
  const inContainer = confinedBy === 'nftables';
  return new KnownAddresses({ db, clock, told, inContainer, machine: readBoxNames });
}

function entranceOf(listening: Listening, door: FrontDoor): Entrance {
  return {
    get port() {
      return listening.port;
    },
    listen: (hosts) => listening.listen(hosts),
    useIdentity: (identity) => {
      door.useIdentity(identity);
    },
    dismissOthers: () => {
      door.dismissOthers();
    },
  };
}

/** Whoever is signed out sees no more; answers how live ends. */
function watchLive(auth: AuthService, live: LiveService): () => Promise<void> {
  const stopListening = auth.onAccessChanged(() => {
    live.recheck();
  });
  return () => {
    stopListening();
    return live.stop();
  };
}

/** What records and exports; nothing of it runs yet. */
interface Parts {
  readonly cameras: CameraRegistry;
  readonly recorders: ReadonlyMap<string, Recorder>;
  readonly exports: ExportService;
  readonly live: LiveService;
  readonly doorstep: DoorstepWindow;
  readonly forgetter: Forgetter;
  readonly retention: Retention;
  readonly use: FootageUse;
  readonly metrics: ServerMetrics;
  readonly ledger: Egress['ledger'];
  readonly kernel: Egress['kernel'];
}

/** What is there before them. */
interface Around {
  readonly boxKey: BoxKey;
  readonly door: FrontDoor;
  readonly time: BoxTime;
  readonly egress: Egress;
}

function buildParts(
  { folder, db, footage, listing, fileKeys, spare, watch, days }: Storage,
  { boxKey, door, time, egress }: Around,
  options: AppOptions,
): Parts {
  const { config, clock, log, onDefect } = options;
  const { ffmpegPath } = config;
  const random = Math.random;
  const inUse = new FootageInUse();
  const { gateway, ledger, kernel } = egress;
  const recorders = new Map<string, Recorder>();
  const space = (): Promise<DiskSpace> => diskSpace(folder.footagePath);
  const use = new FootageUse(db);
  const retention = new Retention({
    ...{ db, footage, inUse, days, use, log, space, clock: time },
    isClockTrusted: () => time.isClockTrusted(),
  });
  const forgetter = new Forgetter({ db, footage, listing, inUse, days, clock, log, random });
  const cameras = new CameraRegistry({
    // Everything that labels footage reads the box's time.
    ...{ clock: time, log, random, db, boxKey, gateway, ffmpegPath, onDefect, runOnce },
    pace: new ReadPace(clock),
    ownPorts: () => egress.ownPorts,
    recorderFor: (cameraId) => {
      const existing = recorders.get(cameraId);
      const recorder =
        existing ??
        new Recorder({
          ...{ cameraId, db, footage, clock: time, time, log, random },
          room: retention,
        });
      recorders.set(cameraId, recorder);
      return recorder;
    },
    onInstalled: (cameraId) => {
      doorstep.follow(cameraId);
    },
    onChanged: () => {
      spare.wake();
    },
    onRemoved: (cameraId) => {
      recorders.delete(cameraId);
      forgetter.wake();
    },
  });
  const doorstep: DoorstepWindow = new DoorstepWindow({ cameras, clock, log, ffmpegPath });
  const { exportsPath } = folder;
  const exports = new ExportService({ db, footage, fileKeys, inUse, exportsPath, clock, log });
  const live = new LiveService({ cameras, clock, log });
  const metrics = new ServerMetrics({
    clock,
    cameras: () => cameras.actors(),
    recorderStats: (cameraId) => recorders.get(cameraId)?.stats,
    gateway: () => egress.counts(),
    live: () => live,
    door: () => door,
    retention: () => retention,
    footage: () => watch,
  });
  return {
    ...{ cameras, recorders, exports, live, doorstep, forgetter, retention, use, metrics },
    ...{ ledger, kernel },
  };
}

/** What the API says of the footage's room, and what keeps it. */
function storageServices(
  storage: Storage,
  { use, retention }: Parts,
  clock: Clock,
): Pick<Services, 'storage' | 'protectedFootage'> {
  const { db, folder, watch } = storage;
  const { footagePath } = folder;
  return {
    storage: new StorageReport({
      ...{ db, use, clock, footagePath },
      indexUse: () => storage.indexUse(),
      isFull: () => retention.isFull,
      isWrongDisk: () => watch.problem !== undefined,
    }),
    protectedFootage: new ProtectedFootage({ db, use, clock, settled: () => retention.settled() }),
  };
}

async function openAuth(
  { folder, db, keys, listing }: Storage,
  clock: Clock,
): Promise<AuthService> {
  return new AuthService({
    ...{ db, clock, keys, hasher: new PasswordHasher() },
    hasFootage: async () => (await listing.highestRun()) > 0,
    setupCode: new SetupCode(join(folder.path, 'setup-token')),
    metricsToken: await loadOrCreateToken(join(folder.keysPath, 'metrics-token')),
    renewMetricsToken: () => createToken(join(folder.keysPath, 'metrics-token')),
  });
}

/** What takes the household to another machine. */
function buildMoving(
  { db, folder: paths, keys }: Storage,
  auth: AuthService,
  { clock, config, onRestored }: AppOptions,
): { backups: BackupService; restores: RestoreService } {
  const insteadOfSetUp = <T>(work: () => Promise<T>): Promise<T> => auth.insteadOfSetUp(work);
  return {
    backups: new BackupService({ db, paths, clock, version: config.version }),
    restores: new RestoreService({ paths, keys, clock, insteadOfSetUp, onRestored }),
  };
}

/** What goes on beside the cameras. */
function loopsOf(
  { watch, finisher, rebuilder, spare }: Storage,
  { forgetter, retention, exports, ledger, kernel }: Parts,
): Loop[] {
  return [watch, forgetter, retention, exports, finisher, rebuilder, spare, ledger, kernel];
}

/** `degraded` while the disk is another one, or refuses what a camera sends. */
function healthOf(watch: FootageWatch, recorders: Iterable<Recorder>): HealthStatus {
  const isRefused = [...recorders].some(({ stats }) => stats.diskProblem !== undefined);
  return watch.problem !== undefined || isRefused ? 'degraded' : 'ok';
}

function recordings(
  db: Database,
  clock: Clock,
  query: { camera: string; fromMs: EpochMs; toMs: EpochMs },
): Recordings {
  const { camera: cameraId, fromMs, toMs } = query;
  if (cameraById(db, cameraId) === undefined) {
    throw new AppError('not-found', 'There is no such camera.', {
      hint: 'It may have been removed. Look at the list of cameras.',
    });
  }
  const found = recordedRanges(db, { cameraId, fromMs, toMs, nowMs: clock.wallMs() });
  return {
    ranges: found.ranges.map((range) => ({
      from: toRfc3339(range.fromMs),
      to: toRfc3339(range.toMs),
    })),
    gaps: found.gaps.map((gap) => ({
      ...{ from: toRfc3339(gap.fromMs), to: gap.open ? null : toRfc3339(gap.toMs) },
      reason: gap.reason,
    })),
    ...(found.uncertain.length > 0 && {
      uncertain: found.uncertain.map(({ fromMs: from, toMs: to }) => ({
        ...{ from: toRfc3339(from), to: toRfc3339(to) },
      })),
    }),
  };
}

/** Of a person; empty for who is gone. */
function nameIn(db: Database): (userId: number) => string {
  return (userId) => userById(db, userId)?.username ?? '';
}
