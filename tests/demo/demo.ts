/**
 * `npm run demo`: Doorkeep with simulated doorbells, nothing to configure. DOORKEEP_PORT and
 * DOORKEEP_HOST are those of the server; its data lies in `.cache/demo` and goes with it.
 */
import { createServer } from 'node:net';
import { SystemClock } from '../../server/base/clock.ts';
import { PACKAGE_ROOT } from '../../server/config.ts';
import { makeDemoFolder, removeDemoFolder } from './demo-folder.ts';
import { DemoHome } from './demo-home.ts';

/** What Doorkeep takes unless told otherwise. */
const USUAL_PORT = 8_080;

/** The server allows itself 10 s to stop, ffmpeg 3 s. */
const STOP_WITHIN_MS = 15_000;

/** npm passes on a SIGINT that the terminal has sent to everyone already: one press is two signals. */
const SAME_PRESS_MS = 500;

/** The end of what a part printed before it failed; more does not help. */
const REASON_MAX_LINES = 12;

const clock = new SystemClock();

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Resolves at the first signal to stop; a later press ends the process at once. */
function stopAsked(): { signal: AbortSignal; asked: Promise<void> } {
  const over = new AbortController();
  let askedMs: number | undefined;
  const asked = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        askedMs ??= clock.monotonicMs();
        if (clock.monotonicMs() - askedMs > SAME_PRESS_MS) process.exit(1);
        over.abort();
        resolve();
      });
    }
  });
  return { signal: over.signal, asked };
}

/** What somebody set is for the server to judge. */
async function choosePort(): Promise<string> {
  const wanted = process.env.DOORKEEP_PORT;
  if (wanted !== undefined && wanted !== '') return wanted;
  const free = await new Promise<boolean>((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(false);
    });
    probe.listen(USUAL_PORT, '127.0.0.1', () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
  if (!free)
    say(`Port ${String(USUAL_PORT)} is taken by another program, so the demo takes a free one.`);
  return free ? String(USUAL_PORT) : '0';
}

function invite(home: DemoHome): void {
  const { username, password } = home.owner;
  const phones = home.homeAddresses.map((address) => `  On a phone     ${address}`);
  const lines = [
    '',
    'The demo is ready.',
    '',
    `  Open           ${home.address}`,
    ...phones,
    `  Name           ${username}`,
    `  Password       ${password}`,
    '',
    `  To let somebody ring, or to make a camera fail: ${home.controlAddress}`,
    '',
    'Ctrl-C stops everything and deletes what was recorded.',
  ];
  lines.forEach(say);
}

/** Says what happened and what to do: the server's own words where it had some. */
function explain(thrown: unknown): void {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const cause =
    thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : '';
  const [, own] = message.split(/^(?=Doorkeep did not start: )/m);
  // Lines of the log are JSON, and say the same to machines.
  const lines = (own ?? `The demo cannot go on: ${message}\n${cause}`)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('{'))
    .slice(-REASON_MAX_LINES);
  process.stderr.write(`\n${lines.join('\n')}\n`);
  if (own !== undefined) return;
  process.stderr.write(
    'Is the disk full, or the machine very busy? Otherwise start the demo once more; if it ends\n' +
      'here again, `npm run check` says what is wrong with this copy of Doorkeep.\n',
  );
}

async function run(): Promise<number> {
  const { signal, asked } = stopAsked();
  const dataPath = await makeDemoFolder(PACKAGE_ROOT, process.pid);
  const host = process.env.DOORKEEP_HOST;
  const home = new DemoHome({
    ...{ port: await choosePort(), dataPath, say, signal },
    env: host === undefined ? {} : { DOORKEEP_HOST: host },
  });
  let status = 0;
  try {
    // Whatever ends the start early (a signal, a part that broke) is said here, once.
    await Promise.race([home.start(), home.broken, asked]);
    if (!signal.aborted) {
      invite(home);
      await Promise.race([asked, home.broken]);
    }
  } catch (thrown) {
    if (!signal.aborted) {
      explain(thrown);
      status = 1;
    }
  }
  if (signal.aborted) say('\nStopping …');
  await Promise.race([home.stop(), clock.sleep(STOP_WITHIN_MS)]);
  await removeDemoFolder(dataPath);
  return status;
}

process.exitCode = await run();
process.exit();
