/** One project per folder of tests; `--project NAME` runs one of them. */
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/** What a project's tests may take, and whether its files may run beside each other. */
interface ProjectLimits {
  testTimeoutMs: number;
  hookTimeoutMs: number;
  /** How long `expect.poll` waits for what is to come; what judges a time says its own. */
  pollTimeoutMs: number;
  parallel: boolean;
}

/** Pure code and app.inject: slow here means broken. Hooks may compile a schema or hash a password. */
const quick: ProjectLimits = {
  testTimeoutMs: 10_000,
  hookTimeoutMs: 20_000,
  pollTimeoutMs: 5_000,
  parallel: true,
};

/** Real ffmpeg, real RTSP, real disks; one file at a time, because media timing is being judged. */
const real: ProjectLimits = {
  testTimeoutMs: 60_000,
  hookTimeoutMs: 120_000,
  pollTimeoutMs: 10_000,
  parallel: false,
};

/** The names of the folders of tests/, in the order in which `npm test` runs them. */
const PROJECTS: Record<string, ProjectLimits> = {
  repo: quick,
  unit: quick,
  fuzz: { ...quick, testTimeoutMs: 60_000 },
  integration: real,
  // A page is a server, cameras and a browser at once. No test of it takes a minute.
  e2e: real,
  fault: real,
  // Twenty rounds of starting, killing and starting again.
  crash: { ...real, testTimeoutMs: 240_000 },
};

function project([name, limits]: [string, ProjectLimits]): TestProjectConfiguration {
  return {
    extends: true,
    test: {
      name,
      include: [`tests/${name}/**/*.test.ts`],
      testTimeout: limits.testTimeoutMs,
      hookTimeout: limits.hookTimeoutMs,
      expect: { requireAssertions: true, poll: { timeout: limits.pollTimeoutMs } },
      fileParallelism: limits.parallel,
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    // Processes, not threads: better-sqlite3 and child processes are what is being tested.
    pool: 'forks',
    // The smallest machine that builds this has two cores.
    maxWorkers: 2,
    globals: false,
    // A test that forgets to assert fails.
    expect: { requireAssertions: true },
    restoreMocks: true,
    projects: Object.entries(PROJECTS).map(project),
    coverage: {
      provider: 'v8',
      include: ['server/**/*.ts'],
      reportsDirectory: 'tests/output/coverage',
    },
  },
});
