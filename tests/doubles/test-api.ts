/** The whole API over a real database and doubles of the services, for tests over app.inject and
 * over sockets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { Api } from '../../server/api/api-types.ts';
import type { AuditServices } from '../../server/api/services.ts';
import { buildApi, type ApiConfig } from '../../server/api/build-api.ts';
import type { MetricsSource } from '../../server/api/services.ts';
import { FrontDoor } from '../../server/api/front-door.ts';
import { AuthService } from '../../server/auth/auth-service.ts';
import { PasswordHasher } from '../../server/auth/password-hasher.ts';
import { SetupCode } from '../../server/auth/setup-code.ts';
import { createToken, loadOrCreateToken } from '../../server/auth/token-file.ts';
import { createLog } from '../../server/base/log.ts';
import { NetworksIn } from '../../server/egress/networks-in.ts';
import { DoorstepWindow } from '../../server/doorstep/doorstep-window.ts';
import { LiveService } from '../../server/live/live-service.ts';
import { Secret } from '../../server/base/secret.ts';
import type { AuthorityFile } from '../../server/certificates/certificates.ts';
import { Database } from '../../server/storage/database.ts';
import { FirstSteps } from '../../server/storage/first-steps.ts';
import { FakeBackups, FakeRestores } from './fake-backups.ts';
import { FakePlayback, FakeProtected, FakeStorage } from './fake-playback.ts';
import {
  FakeCameras,
  FakeCertificates,
  FakeExports,
  FakeRecordings,
  FakePrivacy,
  FakeSettings,
  FakeTime,
} from './fake-services.ts';
import { FakeMemberKeys } from './fake-member-keys.ts';
import { openTestRecord } from './test-api-record.ts';
import { TestClock } from './test-clock.ts';
import { WatchedHousehold } from './watched-camera.ts';

/** The least that argon2 takes: tests are about what is done with a hash, not about its cost. */
export const CHEAP = { memoryKib: 8, passes: 1 };

/** The owner that `setUp` makes. */
export const OWNER = { username: 'Ada', password: 'three odd wombats' };

/** A running `AuthService` in a folder of its own. */
export interface TestAuth {
  readonly folder: string;
  readonly auth: AuthService;
  readonly clock: TestClock;
  readonly db: Database;
  readonly setupToken: string;
  readonly metricsToken: string;
  readonly keys: FakeMemberKeys;
  /** Footage lies there. */
  hasFootage: boolean;
  close(): void;
}

/** Starts `auth/` as the composition root does, with a cheap hash. */
export async function startTestAuth(): Promise<TestAuth> {
  const folder = mkdtempSync(join(tmpdir(), 'doorkeep-auth-'));
  const db = Database.open(join(folder, 'doorkeep.db'));
  const clock = new TestClock();
  const metricsToken = await loadOrCreateToken(join(folder, 'metrics-token'));
  const keys = new FakeMemberKeys();
  const auth = new AuthService({
    ...{ db, keys },
    hasher: new PasswordHasher(CHEAP),
    setupCode: new SetupCode(join(folder, 'setup-token')),
    metricsToken,
    renewMetricsToken: () => createToken(join(folder, 'metrics-token')),
    clock,
    hasFootage: () => Promise.resolve(started.hasFootage),
  });
  const code = await auth.start();
  const started: TestAuth = {
    hasFootage: false,
    folder,
    auth,
    clock,
    db,
    setupToken: code?.reveal() ?? '',
    metricsToken: metricsToken.reveal(),
    keys,
    close: () => {
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
  return started;
}

/** The API and everything under it. */
export class TestApi {
  readonly api: Api;
  readonly base: TestAuth;
  readonly cameras: FakeCameras;
  /** What is watched; add cameras with the ids of `cameras`. */
  readonly watched: WatchedHousehold;
  readonly live: LiveService;
  readonly doorstep: DoorstepWindow;
  readonly exports: FakeExports;
  readonly playback: FakePlayback;
  readonly storage: FakeStorage;
  readonly protectedFootage: FakeProtected;
  readonly settings: FakeSettings;
  readonly time: FakeTime;
  readonly certificates: FakeCertificates;
  readonly backups: FakeBackups;
  readonly restores: FakeRestores;
  /** Its text can be replaced. */
  readonly metrics: MetricsSource;
  readonly door: FrontDoor;
  readonly logLines: string[];
  readonly record: AuditServices;
  readonly #closers: readonly (() => Promise<void>)[];
  #cookie = '';

  private constructor(parts: {
    api: Api;
    base: TestAuth;
    cameras: FakeCameras;
    watched: WatchedHousehold;
    live: LiveService;
    doorstep: DoorstepWindow;
    exports: FakeExports;
    playback: FakePlayback;
    storage: FakeStorage;
    protectedFootage: FakeProtected;
    settings: FakeSettings;
    time: FakeTime;
    certificates: FakeCertificates;
    backups: FakeBackups;
    restores: FakeRestores;
    metrics: MetricsSource;
    door: FrontDoor;
    logLines: string[];
    record: AuditServices;
    closers: readonly (() => Promise<void>)[];
  }) {
    this.api = parts.api;
    this.base = parts.base;
    this.cameras = parts.cameras;
    this.watched = parts.watched;
    this.live = parts.live;
    this.doorstep = parts.doorstep;
    this.exports = parts.exports;
    this.playback = parts.playback;
    this.storage = parts.storage;
    this.protectedFootage = parts.protectedFootage;
    this.settings = parts.settings;
    this.time = parts.time;
    this.certificates = parts.certificates;
    this.backups = parts.backups;
    this.restores = parts.restores;
    this.metrics = parts.metrics;
    this.door = parts.door;
    this.logLines = parts.logLines;
    this.record = parts.record;
    this.#closers = parts.closers;
  }

  /** With `tls` it shows that to whoever begins a handshake. */
  static async start({
    tls,
    ...config
  }: Partial<ApiConfig> & { tls?: { cert: string; key: string } } = {}): Promise<TestApi> {
    const base = await startTestAuth();
    const cameras = new FakeCameras();
    const watched = new WatchedHousehold();
    const exports = new FakeExports();
    const playback = new FakePlayback();
    const [storage, protectedFootage] = [new FakeStorage(), new FakeProtected()];
    const [settings, certificates] = [new FakeSettings(), new FakeCertificates()];
    const [backups, restores] = [new FakeBackups(), new FakeRestores()];
    const time = new FakeTime(base.clock);
    const metrics: MetricsSource = {
      render: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' }),
    };
    const logLines: string[] = [];
    const log = createLog((line) => logLines.push(line));
    const live = new LiveService({ cameras: watched, clock: base.clock, log });
    const watching = { cameras: watched, clock: base.clock, log };
    const doorstep = new DoorstepWindow({ ...watching, ffmpegPath: 'no-ffmpeg' });
    base.auth.onAccessChanged(() => {
      live.recheck();
    });
    const hostNames = new Set(['doorbox', 'doorbox.local']);
    const authority = (): AuthorityFile | undefined => certificates.authority;
    const networks = new NetworksIn();
    const cameBy = (): Promise<void> => Promise.resolve();
    const door = new FrontDoor({ clock: base.clock, log, hostNames, networks, authority, cameBy });
    if (tls !== undefined) door.useIdentity({ cert: tls.cert, key: new Secret(tls.key) });
    const closers: (() => Promise<void>)[] = [];
    const record = await openTestRecord(base, { add: (close) => closers.push(close) });
    const api = await buildApi({
      services: {
        auth: base.auth,
        cameras,
        live,
        doorstep,
        exports,
        recordings: new FakeRecordings(),
        playback,
        storage,
        protectedFootage,
        metrics,
        health: { status: () => 'ok' },
        ...{ settings, time, certificates, backups, restores, audit: record.services },
        firstSteps: new FirstSteps({ db: base.db, clock: base.clock, log }),
        privacy: new FakePrivacy(),
      },
      clock: base.clock,
      log,
      config: { version: '1.2.3', hostNames, networks, door, ...config },
    });
    const fakes = {
      ...{ cameras, watched, live, doorstep, exports, playback, storage, protectedFootage },
      ...{ settings, certificates, time, backups, restores, metrics, closers },
      record: record.services,
    };
    return new TestApi({ api, base, ...fakes, door, logLines });
  }

  get clock(): TestClock {
    return this.base.clock;
  }

  /** `name=value` of the owner's session, once `setUp` or `signIn` ran. */
  get cookie(): string {
    return this.#cookie;
  }

  /** Makes the owner and signs in. */
  async setUp(): Promise<void> {
    const payload = { setupToken: this.base.setupToken, ...OWNER };
    const response = await this.send({ method: 'POST', url: '/api/setup', payload });
    if (response.statusCode !== 201) throw new Error(response.body);
    await this.signIn();
  }

  async signIn(): Promise<void> {
    const response = await this.send({ method: 'POST', url: '/api/session', payload: OWNER });
    if (response.statusCode !== 200) throw new Error(response.body);
    this.#cookie = cookieOf(response);
  }

  /** A request without a session. */
  send(options: InjectOptions): Promise<LightMyRequestResponse> {
    return this.api.inject(options);
  }

  /** A request of the signed-in owner. */
  asOwner(options: InjectOptions): Promise<LightMyRequestResponse> {
    return this.api.inject({ ...options, headers: { cookie: this.#cookie, ...options.headers } });
  }

  async close(): Promise<void> {
    await this.api.close();
    await this.doorstep.stop();
    for (const close of this.#closers) await close();
    this.base.close();
  }
}

/** `name=value` of the first cookie that an answer sets. */
export function cookieOf(response: LightMyRequestResponse): string {
  const header = [response.headers['set-cookie'] ?? []].flat()[0] ?? '';
  return header.split(';')[0] ?? '';
}
