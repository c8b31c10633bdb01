import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createLog, errorFields } from '../../../server/base/log.ts';
import { REDACTED, Secret, SecretRegistry } from '../../../server/base/secret.ts';
import { AppError } from '../../../server/base/errors.ts';

const CANARY = 'cañary "4/7" + 100%\\';

function redacted(text: string, ...known: string[]): string {
  const registry = new SecretRegistry();
  for (const secret of known) registry.add(secret);
  return registry.redact(text);
}

describe('a Secret', () => {
  const secret = new Secret(CANARY);

  it('is plain only when it is asked for', () => {
    expect(secret.reveal()).toBe(CANARY);
  });

  it.each([
    ['a template', `it is ${String(secret)}`],
    ['JSON', JSON.stringify({ secret })],
    ['inspection', inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
    ['keys and values', JSON.stringify(Object.entries(secret))],
  ])('does not come out through %s', (_way, text) => {
    expect(text).not.toContain('4/7');
    expect(text).not.toContain('ary');
  });

  it('can be any text, also text that is not well-formed', () => {
    const half = new Secret('half a surrogate \ud800 is text');
    expect(redacted('half a surrogate \ud800 is text', half.reveal())).toBe(REDACTED);
  });
});

describe('redaction', () => {
  it.each([
    ['raw', CANARY],
    ['URL-escaped', encodeURIComponent(CANARY)],
    ['base64', Buffer.from(CANARY).toString('base64')],
    ['JSON-escaped', JSON.stringify(CANARY).slice(1, -1)],
  ])('covers the secret %s', (_spelling, text) => {
    expect(redacted(`before ${text} and ${text}.`, CANARY)).toBe(
      `before ${REDACTED} and ${REDACTED}.`,
    );
  });

  it.each([
    ['rtsp://admin:pass@192.168.1.20/x', `rtsp://${REDACTED}@192.168.1.20/x`],
    ['rtsps://admin@cam/', `rtsps://${REDACTED}@cam/`],
    ['x rtsp://a:b@c/ http://d:e@f/', `x rtsp://${REDACTED}@c/ http://${REDACTED}@f/`],
    ['rtsp://admin:p@ss@192.168.1.20/x', `rtsp://${REDACTED}@192.168.1.20/x`],
    ['{"url":"rtsp://admin:q\\"q@cam/"}', `{"url":"rtsp://${REDACTED}@cam/"}`],
    ['{"url":"rtsp://cam","mail":"a@b"}', '{"url":"rtsp://cam","mail":"a@b"}'],
    ['rtsp://cam/path@home', 'rtsp://cam/path@home'],
    ['nobody@example', 'nobody@example'],
  ])('covers what stands before the @ of an address: %s', (text, expected) => {
    expect(redacted(text)).toBe(expected);
  });

  it('leaves no end of a secret that begins with another one', () => {
    expect(redacted('doorbell2024', 'doorbell', 'doorbell2024')).toBe(REDACTED);
    expect(redacted('doorbell2024', 'doorbell2024', 'doorbell')).toBe(REDACTED);
  });

  it('leaves words alone that are too short to be looked for', () => {
    expect(redacted('abc is in every alphabet', 'abc')).toBe('abc is in every alphabet');
  });

  it('forgets the oldest secrets, not the newest', () => {
    const registry = new SecretRegistry();
    for (let i = 0; i < 5_000; i += 1) registry.add(`secret-number-${String(i)}`);
    expect(registry.redact('secret-number-4999')).toBe(REDACTED);
    expect(registry.redact('secret-number-0!')).toBe('secret-number-0!');
  });

  it('does not forget what is registered again', () => {
    const registry = new SecretRegistry();
    registry.add('the camera’s own');
    for (let i = 0; i < 5_000; i += 1) {
      registry.add(`secret-number-${String(i)}`);
      if (i % 100 === 0) registry.add('the camera’s own');
    }
    expect(registry.redact('the camera’s own')).toBe(REDACTED);
  });
});

describe('the log', () => {
  const secret = new Secret('log-canary-91');

  function logged(write: (log: ReturnType<typeof createLog>) => void, level?: string): string[] {
    const lines: string[] = [];
    write(createLog((line) => lines.push(line), level));
    return lines;
  }

  it('has no secret in a field, a message, an error or a child', () => {
    const lines = logged((log) => {
      log.info({ field: secret.reveal() }, secret.reveal());
      log.child({ from: secret.reveal() }).warn({}, 'x');
      log.error(errorFields(new AppError('io', 'x', { cause: new Error(secret.reveal()) })), 'x');
    });
    expect(lines).toHaveLength(3);
    expect(lines.join('')).not.toContain('log-canary-91');
    expect(lines.join('').split(REDACTED)).toHaveLength(5);
  });

  it('writes one JSON object per line, with no name of the machine', () => {
    const [line] = logged((log) => {
      log.info({ camera: 'c1' }, 'hello');
    });
    expect(line?.endsWith('\n')).toBe(true);
    const fields = JSON.parse(line!) as Record<string, unknown>;
    expect(Object.keys(fields).sort()).toEqual(['camera', 'level', 'msg', 'time']);
  });

  it('is quiet below its level', () => {
    const write = (log: ReturnType<typeof createLog>): void => {
      log.debug({}, 'x');
      log.warn({}, 'y');
    };
    expect(logged(write)).toHaveLength(1);
    expect(logged(write, 'debug')).toHaveLength(2);
  });
});
