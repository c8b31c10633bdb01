/**
 * One project per folder of tests, and one for those of its files that need the machine for themselves;
 * `--project 'NAME*'` runs both.
 */
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

/** Real ffmpeg, real RTSP, real disks. They wait more than they work, so two files run beside each
 * other; what a neighbour would spoil is called `*-alone.test.ts`. */
const real: ProjectLimits = {
  testTimeoutMs: 60_000,
  hookTimeoutMs: 120_000,
  pollTimeoutMs: 10_000,
  parallel: true,
};

/** They judge fractions of a second of a whole machine, or kill what runs on it. */
const alone: ProjectLimits = { ...real, parallel: false };

/** The names of the folders of tests/, in the order in which `npm test` runs them. */
const PROJECTS: Record<string, ProjectLimits> = {
  repo: quick,
  unit: quick,
  fuzz: { ...quick, testTimeoutMs: 60_000 },
  integration: real,
  // A page is a server, cameras and a browser at once, which is work for two cores: two files beside
  // each other took longer than one after the other. No test of it takes a minute.
  e2e: alone,
  fault: alone,
  // Twenty rounds of starting, killing and starting again.
  crash: { ...alone, testTimeoutMs: 240_000 },
};

/** In every folder whose files run beside each other. */
const ALONE = '**/*-alone.test.ts';

function projectsOf([folder, limits]: [string, ProjectLimits]): TestProjectConfiguration[] {
  const files = { include: [`tests/${folder}/**/*.test.ts`] };
  if (!limits.parallel) return [project(folder, limits, files)];
  const byItself = { ...limits, parallel: false };
  return [
    project(folder, limits, { ...files, exclude: [ALONE] }),
    project(`${folder}-alone`, byItself, { include: [`tests/${folder}/${ALONE}`] }),
  ];
}

function project(
  name: string,
  limits: ProjectLimits,
  files: { include: string[]; exclude?: string[] },
): TestProjectConfiguration {
  return {
    extends: true,
    test: {
      name,
      ...files,
      testTimeout: limits.testTimeoutMs,
      hookTimeout: limits.hookTimeoutMs,
      expect: { requireAssertions: true, poll: { timeout: limits.pollTimeoutMs } },
      fileParallelism: limits.parallel,
      // One group after the other: nothing runs beside those that run alone.
      sequence: { groupOrder: limits.parallel ? 0 : 1 },
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
    projects: Object.entries(PROJECTS).flatMap(projectsOf),
    coverage: {
      provider: 'v8',
      include: ['server/**/*.ts'],
      reportsDirectory: 'tests/output/coverage',
    },
  },
});
