import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { Secret } from '../../../server/base/secret.ts';
import { startFfmpeg, type FfmpegProcess } from '../../../server/ffmpeg/ffmpeg-process.ts';
import { TestClock } from '../../doubles/test-clock.ts';

/** Node.js itself stands in for ffmpeg: the same pipes, signals and exits. */
const NODE = process.execPath;

let clock: TestClock;
let stop: AbortController;
let said: string;
let children: ChildProcess[];

beforeEach(() => {
  clock = new TestClock();
  stop = new AbortController();
  said = '';
  children = [];
});

afterEach(() => {
  stop.abort();
  for (const child of children) child.kill('SIGKILL');
});

function start(script: string, sink?: (text: string) => void): FfmpegProcess {
  return startFfmpeg({
    ...{ binary: NODE, argv: ['-e', script], clock, signal: stop.signal, input: true },
    outputs: new Map([
      [
        1,
        (chunk: Buffer): void => {
          said += chunk.toString();
          sink?.(chunk.toString());
        },
      ],
    ]),
  });
}

/** A process that says "ready" and then lives on; resolves when it has said so. */
async function startReady(script: string): Promise<FfmpegProcess> {
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const child = start(`${script}; console.log('ready'); setInterval(() => {}, 1000)`, () => {
    ready();
  });
  await isReady;
  return child;
}

function isAlive(pid: number): boolean {
  try {
    // A zombie that its new parent has not fetched yet is dead too.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('the end of the process', () => {
  it('says its exit status, after all output was read', async () => {
    const child = start('process.stdout.write("x".repeat(1e6)); process.exitCode = 3');
    expect(await child.exited).toMatchObject({ code: 3, signal: null });
    expect(said).toHaveLength(1e6);
    expect(isAlive(child.pid)).toBe(false);
  });

  it('says the signal that ended it', async () => {
    const child = start('process.kill(process.pid, "SIGSEGV")');
    expect(await child.exited).toMatchObject({ code: null, signal: 'SIGSEGV' });
  });

  it('comes with SIGTERM when the signal aborts', async () => {
    const child = await startReady('');
    stop.abort();
    expect(await child.exited).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('comes with SIGKILL two seconds later for one that does not listen', async () => {
    const child = await startReady('process.on("SIGTERM", () => console.log("no"))');
    stop.abort();
    await clock.advance(1_999);
    expect(isAlive(child.pid)).toBe(true);
    await clock.advance(1);
    expect(await child.exited).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  it('leaves no timer behind when it is ended twice, or after it has gone', async () => {
    const child = start('');
    await child.exited;
    child.kill();
    stop.abort();
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not begin at all when it was stopped before', () => {
    stop.abort();
    expect(() => start('')).toThrow(expect.objectContaining({ kind: 'cancelled' }));
  });
});

describe('a sink that throws', () => {
  it('ends the process, and its error is how it ended', async () => {
    const trouble = new AppError('corrupt', 'a box that is none');
    let calls = 0;
    const child = start('setInterval(() => console.log("more"), 5)', () => {
      calls += 1;
      throw trouble;
    });
    await expect(child.exited).rejects.toBe(trouble);
    expect(calls).toBe(1);
    expect(isAlive(child.pid)).toBe(false);
  });
});

describe('standard error', () => {
  it('is kept as its last whole lines, without secrets', async () => {
    const secret = new Secret('canary-5f1c');
    const child = start(
      'for (let i = 0; i < 5000; i += 1) console.error("line " + i + " canary-5f1c");' +
        'console.error("rtsp://admin:hunter2@192.168.1.20/x: 401")',
    );
    const { stderrTail } = await child.exited;
    expect(stderrTail.length).toBeLessThanOrEqual(4_096);
    expect(stderrTail).toMatch(/^line \d+ \[secret\]\n/);
    expect(stderrTail.endsWith('rtsp://[secret]@192.168.1.20/x: 401')).toBe(true);
    expect(stderrTail).not.toContain(secret.reveal());
    expect(stderrTail).not.toContain('hunter2');
  });

  it('never holds half a secret, wherever it is cut', async () => {
    const secret = new Secret('0123456789abcdefghijklmnopqrstuvwxyz');
    for (const padding of [0, 10, 20, 30]) {
      const child = start(
        `console.error("0123456789abcdefghijklmnopqrstuvwxyz" + "-".repeat(${String(4_065 + padding)}))`,
      );
      const { stderrTail } = await child.exited;
      for (let length = 6; length < 36; length += 1) {
        expect(stderrTail).not.toContain(secret.reveal().slice(-length));
      }
    }
  });
});

describe('what the process is given', () => {
  it('is an environment without anything of ours', async () => {
    process.env['DOORKEEP_CANARY'] = 'canary';
    const child = start('console.log(JSON.stringify(process.env))');
    await child.exited;
    delete process.env['DOORKEEP_CANARY'];
    expect(JSON.parse(said)).toEqual({ LC_ALL: 'C', AV_LOG_FORCE_NOCOLOR: '1' });
  });

  it('is standard input, and going first is no error', async () => {
    const child = start(
      'process.stdin.once("data", (d) => { console.log(String(d)); process.exit() })',
    );
    child.stdin?.write('hello');
    for (let i = 0; i < 50; i += 1) child.stdin?.write(Buffer.alloc(65_536));
    expect(await child.exited).toMatchObject({ code: 0 });
    expect(said).toMatch(/^hello/);
  });

  it('is each output descriptor by its number', async () => {
    const got = new Map<number, string>();
    const sink = (fd: number) => (chunk: Buffer) => {
      got.set(fd, (got.get(fd) ?? '') + chunk.toString());
    };
    const child = startFfmpeg({
      ...{ binary: NODE, clock, signal: stop.signal },
      argv: ['-e', 'fs.writeSync(1, "one"); fs.writeSync(3, "three")'],
      outputs: new Map([
        [1, sink(1)],
        [3, sink(3)],
      ]),
    });
    expect(child.stdin).toBeUndefined();
    await child.exited;
    expect(got).toEqual(
      new Map([
        [1, 'one'],
        [3, 'three'],
      ]),
    );
  });
});

describe('a binary that cannot be started', () => {
  it.each(['/nonexistent/ffmpeg', '/etc/passwd'])('%s says so and what to do', async (binary) => {
    // With setpriv before it, it ends at once; without, it never begins: both are the same error.
    const attempt = async (): Promise<unknown> =>
      startFfmpeg({ binary, argv: [], clock, signal: stop.signal, outputs: new Map() }).exited;
    await expect(attempt()).rejects.toMatchObject({
      kind: 'internal',
      message: expect.stringContaining(binary) as string,
      hint: expect.stringContaining('DOORKEEP_FFMPEG') as string,
    });
  });

  it('is not confused with an ffmpeg that ends with the same status', async () => {
    const child = start('console.error("setpriv is not mentioned"); process.exitCode = 127');
    expect(await child.exited).toMatchObject({ code: 127 });
  });
});

describe.skipIf(!existsSync('/usr/bin/setpriv'))('where setpriv is there', () => {
  it('the process does not outlive a parent that was killed', async () => {
    const module = fileURLToPath(
      new URL('../../../dist/server/ffmpeg/ffmpeg-process.js', import.meta.url),
    );
    const script = `
      const { startFfmpeg } = await import(${JSON.stringify(module)});
      const clock = { setTimer: () => ({ cancel() {} }) };
      const child = startFfmpeg({
        binary: process.execPath, argv: ['-e', 'setInterval(() => {}, 1000); console.log("up")'],
        clock, signal: new AbortController().signal,
        outputs: new Map([[1, () => console.log(child.pid)]]),
      });`;
    const parent = spawn(NODE, ['--input-type=module', '-e', script]);
    children.push(parent);
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    // The kernel sends the signal with the parent's death; fetching the dead may take a moment.
    await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false);
  });
});
