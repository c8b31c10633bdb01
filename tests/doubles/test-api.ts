/** The whole API over a real database and doubles of the services, for tests over app.inject and
 * over sockets. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import type { Api } from '../../server/api/api-types.ts';
import { buildApi, type ApiConfig } from '../../server/api/build-api.ts';
import { AuthService } from '../../server/auth/auth-service.ts';
import { PasswordHasher } from '../../server/auth/password-hasher.ts';
import { SetupCode } from '../../server/auth/setup-code.ts';
import { loadOrCreateToken } from '../../server/auth/token-file.ts';
import { createLog } from '../../server/base/log.ts';
import { Database } from '../../server/storage/database.ts';
import { FakeCameras, FakeExports, FakeRecordings } from './fake-services.ts';
import { TestClock } from './test-clock.ts';

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
  close(): void;
}

/** Starts `auth/` as the composition root does, with a cheap hash. */
export async function startTestAuth(): Promise<TestAuth> {
  const folder = mkdtempSync(join(tmpdir(), 'doorkeep-auth-'));
  const db = Database.open(join(folder, 'doorkeep.db'));
  const clock = new TestClock();
  const metricsToken = await loadOrCreateToken(join(folder, 'metrics-token'));
  const auth = new AuthService({
    db,
    hasher: new PasswordHasher(CHEAP),
    setupCode: new SetupCode(join(folder, 'setup-token')),
    metricsToken,
    clock,
  });
  const code = await auth.start();
  return {
    folder,
    auth,
    clock,
    db,
    setupToken: code?.reveal() ?? '',
    metricsToken: metricsToken.reveal(),
    close: () => {
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The API and everything under it. */
export class TestApi {
  readonly api: Api;
  readonly base: TestAuth;
  readonly cameras: FakeCameras;
  readonly exports: FakeExports;
  readonly logLines: string[];
  #cookie = '';

  private constructor(parts: {
    api: Api;
    base: TestAuth;
    cameras: FakeCameras;
    exports: FakeExports;
    logLines: string[];
  }) {
    this.api = parts.api;
    this.base = parts.base;
    this.cameras = parts.cameras;
    this.exports = parts.exports;
    this.logLines = parts.logLines;
  }

  static async start(config: Partial<ApiConfig> = {}): Promise<TestApi> {
    const base = await startTestAuth();
    const cameras = new FakeCameras();
    const exports = new FakeExports();
    const logLines: string[] = [];
    const api = await buildApi({
      services: {
        auth: base.auth,
        cameras,
        exports,
        recordings: new FakeRecordings(),
        metrics: {
          render: () =>
            Promise.resolve({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' }),
        },
        health: { status: () => 'ok' },
      },
      clock: base.clock,
      log: createLog((line) => logLines.push(line)),
      config: { version: '1.2.3', hostNames: ['doorbox', 'doorbox.local'], ...config },
    });
    return new TestApi({ api, base, cameras, exports, logLines });
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
    this.base.close();
  }
}

/** `name=value` of the first cookie that an answer sets. */
export function cookieOf(response: LightMyRequestResponse): string {
  const header = [response.headers['set-cookie'] ?? []].flat()[0] ?? '';
  return header.split(';')[0] ?? '';
}
