import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  askWhetherHome,
  canAsk,
  type TerminalFacts,
} from '../../../server/reach/terminal-question.ts';
import { TestClock } from '../../doubles/test-clock.ts';

const CONSOLE: TerminalFacts = {
  platform: 'linux',
  env: { SSH_TTY: '/dev/pts/0' },
  stdinIsTty: true,
  stdoutIsTty: true,
};

describe('the question', () => {
  it('is for a terminal on a box without a screen', () => {
    expect(canAsk(CONSOLE)).toBe(true);
    expect(canAsk({ ...CONSOLE, env: { DISPLAY: '' } })).toBe(true);
  });

  it.each<[string, Partial<TerminalFacts>]>([
    ['a service', { stdinIsTty: false }],
    ['output into a file', { stdoutIsTty: false }],
    ['X11', { env: { DISPLAY: ':0' } }],
    ['Wayland', { env: { WAYLAND_DISPLAY: 'wayland-0' } }],
    ['a Mac, which always has a screen', { platform: 'darwin' }],
  ])('is not for %s', (_what, facts) => {
    expect(canAsk({ ...CONSOLE, ...facts })).toBe(false);
  });
});

describe('the answer', () => {
  function ask(): {
    input: PassThrough;
    said: () => string;
    clock: TestClock;
    stop: AbortController;
    answer: Promise<boolean | undefined>;
  } {
    const [input, output, clock, stop] = [
      ...([new PassThrough(), new PassThrough(), new TestClock(), new AbortController()] as const),
    ];
    let text = '';
    output.setEncoding('utf8').on('data', (part: string) => (text += part));
    const answer = askWhetherHome({ input, output, clock, signal: stop.signal });
    return { input, said: () => text, clock, stop, answer };
  }

  it.each([
    ['', true],
    ['y', true],
    ['YES ', true],
    ['n', false],
    ['No', false],
  ])('%j is %s', async (typed, expected) => {
    const { input, answer, clock } = ask();
    input.write(`${typed}\n`);
    expect(await answer).toBe(expected);
    expect(clock.pendingTimers).toBe(0);
    expect(input.isPaused()).toBe(true);
  });

  it('something else is asked for again, three times', async () => {
    const first = ask();
    first.input.write('perhaps\n');
    await expect.poll(first.said).toContain('y or n?');
    first.input.write('n\n');
    expect(await first.answer).toBe(false);
    const second = ask();
    for (let tries = 0; tries < 3; tries += 1) {
      second.input.write('what\n');
      await new Promise(setImmediate);
    }
    expect(await second.answer).toBeUndefined();
  });

  it('nobody’s decides nothing: after a minute, at the end of the input, at a stop', async () => {
    const late = ask();
    await late.clock.advance(60_000);
    expect(await late.answer).toBeUndefined();
    const closed = ask();
    closed.input.end();
    expect(await closed.answer).toBeUndefined();
    const stopped = ask();
    stopped.stop.abort();
    expect(await stopped.answer).toBeUndefined();
    for (const { clock } of [late, closed, stopped]) expect(clock.pendingTimers).toBe(0);
  });
});
