import { describe, expect, it } from 'vitest';
import { checkRequestOrigin, type RequestSource } from '../../../server/api/request-origin.ts';

const NAMES = new Set(['doorbox', 'doorbox.local']);

function check(source: Partial<RequestSource>, headers: RequestSource['headers'] = {}): () => void {
  return () => {
    checkRequestOrigin(
      {
        method: 'GET',
        secure: false,
        remoteAddress: '127.0.0.1',
        ...source,
        headers: { host: 'localhost:8080', ...headers },
      },
      NAMES,
    );
  };
}

const refusal = (reason: string): Error =>
  expect.objectContaining({ kind: 'forbidden', reason }) as Error;

describe('the address it comes from', () => {
  it.each([
    '127.0.0.1',
    '::1',
    '::ffff:192.168.1.5',
    '10.1.2.3',
    '172.31.0.1',
    'fe80::1',
    'fd00::1',
  ])('%s is at home', (remoteAddress) => {
    expect(check({ remoteAddress })).not.toThrow();
  });

  it.each([
    '8.8.8.8',
    '172.32.0.1',
    '192.169.0.1',
    '::ffff:8.8.8.8',
    '2001:db8::1',
    '100.64.0.1',
    '',
    undefined,
  ])('%s is not', (remoteAddress) => {
    expect(check({ remoteAddress: remoteAddress })).toThrow(refusal('foreign-address'));
  });
});

describe('the name it is sent to', () => {
  it.each([
    'localhost',
    'LOCALHOST:8080',
    'localhost.:8080',
    '127.0.0.1:8080',
    '[::1]:8080',
    '192.168.1.20',
    '[fd00::5]',
    'doorbox',
    'DoorBox.local.:8080',
  ])('%s is this box', (host) => {
    expect(check({}, { host })).not.toThrow();
  });

  it.each([
    'evil.example',
    'localhost.evil.example',
    'evil.localhost',
    'doorbox.local.evil.example',
    '8.8.8.8',
    '[2001:db8::1]:80',
    '127.0.0.1.nip.io',
    '2130706433',
    '0x7f.1',
    'localhost:99999',
    'localhost:8080:1',
    'user@localhost',
    'localhost/',
    'localhost\\evil',
    'constructor',
    '__proto__',
    '',
    ' ',
  ])('%j is not (DNS rebinding)', (host) => {
    expect(check({}, { host })).toThrow(refusal('foreign-host'));
  });
});

describe.each([
  ['POST', {}],
  ['PATCH', {}],
  ['DELETE', {}],
  ['OPTIONS', {}],
  ['GET', { upgrade: 'websocket' }],
] as const)('%s %j', (method, base) => {
  it.each([
    {},
    { origin: 'http://localhost:8080' },
    { origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
  ])('is let through with %j', (headers) => {
    expect(check({ method }, { ...base, ...headers })).not.toThrow();
  });

  it.each([
    { origin: 'http://evil.example' },
    { origin: 'http://localhost:3000' },
    { origin: 'https://localhost:8080' },
    { origin: 'http://127.0.0.1:8080' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'http://localhost:8080/' },
    { origin: 'http://localhost:8080', 'sec-fetch-site': 'cross-site' },
    { origin: 'http://localhost:8080', 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'nonsense' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate' },
  ])('is refused with %j', (headers) => {
    expect(check({ method }, { ...base, ...headers })).toThrow(refusal('foreign-origin'));
  });
});

describe('the origin under HTTPS', () => {
  it('is https, with the default port left out', () => {
    const secure = { method: 'POST', secure: true };
    const headers = { host: 'doorbox.local:443', origin: 'https://doorbox.local' };
    expect(check(secure, headers)).not.toThrow();
    expect(check(secure, { ...headers, origin: 'http://doorbox.local' })).toThrow(
      refusal('foreign-origin'),
    );
  });
});

describe('reading', () => {
  it('by a page of ours, by hand, or by following a link is fine', () => {
    expect(check({}, { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })).not.toThrow();
    expect(check({}, { 'sec-fetch-site': 'none' })).not.toThrow();
    expect(
      check({}, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }),
    ).not.toThrow();
  });

  it.each(['cross-site', 'same-site'])('from a picture embedded %s is not', (site) => {
    const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' };
    expect(check({}, headers)).toThrow(refusal('foreign-origin'));
  });
});
