import { describe, expect, it } from 'vitest';
import { cutSecrets } from '../../../server/api/secret-members.ts';
import { randomFrom } from '../../fixtures/random-from.ts';

const NAMES = new Set(['password', 'recoveryKey']);

function cut(text: string): { secrets: Record<string, string> | undefined; left: string } {
  const body = Buffer.from(text);
  const found = cutSecrets(body, NAMES);
  const secrets =
    found && Object.fromEntries([...found].map(([name, bytes]) => [name, bytes.toString()]));
  return { secrets, left: body.toString() };
}

describe('secrets', () => {
  it('are cut out of a body, with as many asterisks in their place as they had characters', () => {
    const { secrets, left } = cut(
      '{"username":"ada","password":"three odd","x":{"password":"in"}}',
    );
    expect(secrets).toEqual({ password: 'three odd' });
    expect(JSON.parse(left)).toEqual({
      username: 'ada',
      password: '*********',
      x: { password: 'in' },
    });
  });

  it.each([
    String.raw`{"password":"\"\\\/\b\f\n\r\t"}`,
    String.raw`{"password":"\u00e9\ud83d\ude00\ud83d\u0041 \ude00x\uD83D"}`,
    '{"password":"wörds 😀 ﷺ"}',
    String.raw`{"pass\u0077ord":"escaped name"}`,
    '{"password":"first","password":"second"}',
    '{ "a" : [ "password", {"password":1} ] , "password" : "spaced" }',
    '{"a":"\\\\","password":"behind a backslash"}',
    '{"password":""}',
  ])('are what JSON.parse would have made of them: %s', (text) => {
    const { password } = JSON.parse(text) as { password: string };
    const { secrets, left } = cut(text);
    expect(secrets).toEqual({ password: Buffer.from(password).toString() });
    const rest = JSON.parse(left) as Record<string, unknown>;
    expect(rest.password).toBe('*'.repeat(Array.from(password).length));
    expect({ ...rest, password }).toEqual(JSON.parse(text));
  });

  it.each([
    '{"password":5}',
    '{"password":null}',
    '["password","x"]',
    '"password"',
    '{"a":"password"}',
  ])('are strings of the object itself: not %s', (text) => {
    expect(cut(text)).toEqual({ secrets: {}, left: text });
  });

  it.each([
    '{"password":"open',
    '{"password":"x"',
    '{"password":"x"}}',
    '{"password":"\\x"}',
    '{"password":"\\u12"}',
    '{"password":"\\u12g4"}',
    '{"password":"a\nb"}',
    '{"password":"x\\"}',
  ])('are in no body that cannot be JSON: %s', (text) => {
    expect(cut(text).secrets).toBeUndefined();
  });

  it('are in no body that is no UTF-8', () => {
    const body = Buffer.concat([
      Buffer.from('{"password":"'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);
    expect(cutSecrets(body, NAMES)).toBeUndefined();
  });

  it('agree with JSON.parse about any body of such signs', () => {
    const below = randomFrom(7);
    const signs = [
      '"',
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      'u00e9',
      'n',
      '"password"',
      '"a"',
      ' ',
      'é',
    ];
    let agreed = 0;
    for (let round = 0; round < 30_000; round += 1) {
      const inside = Array.from({ length: below(9) }, () => signs[below(signs.length)]).join('');
      const text = round % 2 === 0 ? `{${inside}}` : `{"password":"${inside}"}`;
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        continue;
      }
      const wanted = (value as { password?: unknown }).password;
      const { secrets, left } = cut(text);
      expect(secrets, text).toEqual(
        typeof wanted === 'string' ? { password: Buffer.from(wanted).toString() } : {},
      );
      if (typeof wanted === 'string') {
        expect(Object.keys(JSON.parse(left) as object), text).toEqual(Object.keys(value as object));
        agreed += 1;
      }
    }
    expect(agreed).toBeGreaterThan(500);
  });
});
