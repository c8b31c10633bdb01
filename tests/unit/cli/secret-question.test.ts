import { PassThrough, Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { askSecret } from '../../../server/cli/secret-question.ts';

/** A terminal as readline sees it: it notes when its echo is switched, and what is written. */
function terminal() {
  const events: string[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => {
      events.push(isRaw ? 'echo off' : 'echo on');
    },
  });
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      events.push(chunk.toString());
      done();
    },
  });
  return { events, input, output };
}

it('is asked with the echo off: a key that is pasted at once is not shown', async () => {
  const { events, input, output } = terminal();
  const { signal } = new AbortController();
  const answer = askSecret('Key: ', { input, output, signal });
  input.write('AGE-SECRET-KEY-1\r');
  expect(await answer).toBe('AGE-SECRET-KEY-1');
  expect(events).toEqual(['echo off', 'Key: ', 'echo on', '\n']);
});

it('has no answer when the input ends, or nobody waits for it any more', async () => {
  const ended = terminal();
  const { signal } = new AbortController();
  const answer = askSecret('Key: ', { ...ended, signal });
  ended.input.end();
  expect(await answer).toBeUndefined();

  const given = new AbortController();
  const unheard = askSecret('Key: ', { ...terminal(), signal: given.signal });
  given.abort();
  expect(await unheard).toBeUndefined();
});
