/**
 * One project per folder of tests, and one for those of its files that need the machine for themselves;
 * `--project 'NAME*'` runs both.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/** What a project's tests may take, and how many of its files may run beside each other. */
interface ProjectLimits {
  testTimeoutMs: number;
  hookTimeoutMs: number;
  /** How long `expect.poll` waits for what is to come; what judges a time says its own. */
  pollTimeoutMs: number;
  /** Says how many of its files run at a time, and before or after which others. */
  group: (typeof GROUPS)[number];
}

/** In their order, with how many files of a group run at a time. The smallest machine that builds
 * this has two cores. */
const GROUPS = [
  { name: 'quick', files: 2 },
  // Real cameras send in real time, for which their tests wait; with three at a time the two cores had
  // no time left, and cameras answered too late.
  { name: 'real', files: 2 },
  // A page is a server, cameras and a browser at once, and waits for a person’s pace: one alone left half
  // of the two cores idle (22 min for all of them), two take 15 on a machine that others use as well.
  { name: 'pages', files: 2 },
  // Nothing runs beside those that run alone.
  { name: 'alone', files: 1 },
] as const;

const [QUICK, REAL, PAGES, BY_ITSELF] = GROUPS;

/** Pure code and app.inject: a second is much. The limits end what hangs, on a machine whose disk and
 * cores others keep busy; with 10 s, tests that take 1 were ended at a load of 8. */
const quick: ProjectLimits = {
  testTimeoutMs: 30_000,
  hookTimeoutMs: 30_000,
  pollTimeoutMs: 5_000,
  group: QUICK,
};

/** Hundreds of recordings on a real disk, in the time of a test's own clock. */
const steps: ProjectLimits = { ...quick, testTimeoutMs: 120_000 };

/** Real ffmpeg, real RTSP, real disks. They wait more than they work; what a neighbour would spoil,
 * because it judges fractions of a second or kills what runs, is called `*-alone.test.ts`. */
const real: ProjectLimits = {
  testTimeoutMs: 60_000,
  hookTimeoutMs: 120_000,
  pollTimeoutMs: 10_000,
  group: REAL,
};

/** The names of the folders of tests/. */
const PROJECTS: Record<string, ProjectLimits> = {
  repo: quick,
  unit: quick,
  fuzz: steps,
  fault: steps,
  // Twenty rounds of starting, killing and starting again are alone.
  crash: { ...steps, testTimeoutMs: 240_000, hookTimeoutMs: 120_000 },
  integration: real,
  e2e: { ...real, group: PAGES },
};

/** In every folder whose files run beside each other, which is all of them. */
const ALONE = '**/*-alone.test.ts';

function projectsOf([folder, limits]: [string, ProjectLimits]): TestProjectConfiguration[] {
  const files = { include: [`tests/${folder}/**/*.test.ts`], exclude: [ALONE] };
  const alone = { include: [`tests/${folder}/${ALONE}`] };
  return [
    project(folder, limits, files),
    project(`${folder}-alone`, { ...limits, group: BY_ITSELF }, alone),
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
      maxWorkers: limits.group.files,
      // 150 files of pure code in two processes: starting one for each took as long again as the tests.
      // What a file leaves behind in its process is a fault of the file.
      isolate: limits.group !== QUICK,
      fileParallelism: limits.group !== BY_ITSELF,
      sequence: { groupOrder: GROUPS.indexOf(limits.group) },
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    // Processes, not threads: better-sqlite3 and child processes are what is being tested.
    pool: 'forks',
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
