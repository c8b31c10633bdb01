import { describe, expect, it } from 'vitest';
import { Secret } from '../../../server/base/secret.ts';
import type { CameraCredentials } from '../../../server/camera/camera-credentials.ts';
import type { StoredSource } from '../../../server/camera/stored-source.ts';
import {
  patchedSource,
  resolveTypedSource,
  withKnown,
  type Resolver,
} from '../../../server/camera/typed-source.ts';
import type { RtspSource, RtspSourcePatch } from '../../../server/contract/camera.ts';
import { TestClock } from '../../doubles/test-clock.ts';

const resolver: Resolver = {
  clock: new TestClock(),
  ownPorts: new Set([8080]),
  lookup: (host) =>
    host.toLowerCase() === 'door.lan'
      ? Promise.resolve([{ address: '192.168.1.20' }])
      : Promise.reject(new Error('ENOTFOUND')),
};

function rtsp(fields: Partial<RtspSource>): RtspSource {
  return { type: 'rtsp', url: 'rtsp://192.168.1.20/main', ...fields };
}

async function credentialsOf(fields: Partial<RtspSource>): Promise<string | undefined> {
  const { credentials } = await resolveTypedSource(rtsp(fields), resolver);
  return credentials && `${credentials.username}/${credentials.password.reveal()}`;
}

describe('resolveTypedSource', () => {
  it('pins the address of a name, and keeps the path as typed', async () => {
    const typed = rtsp({
      url: 'rtsp://door.lan:8554/Streaming/Channels/101?a=b&c=%20',
      subUrl: 'rtsp://DOOR.lan:8554/102',
    });
    const { source } = await resolveTypedSource(typed, resolver);
    const common = { tls: false, address: '192.168.1.20', port: 8554 };
    expect(source).toEqual({
      type: 'rtsp',
      authentication: 'unknown',
      main: { ...common, host: 'door.lan', path: '/Streaming/Channels/101?a=b&c=%20' },
      sub: { ...common, host: 'DOOR.lan', path: '/102' },
    });
  });

  it('never puts the password into the source', async () => {
    const typed = rtsp({
      url: 'rtsp://admin:canary-in-url@192.168.1.20/x',
      password: 'canary-field',
    });
    const { source } = await resolveTypedSource(typed, resolver);
    expect(JSON.stringify(source)).not.toMatch(/canary|admin/);
  });

  it.each([
    [{}, undefined],
    [{ url: 'rtsp://admin:one@192.168.1.20/' }, 'admin/one'],
    [{ url: 'rtsp://admin:one@192.168.1.20/', username: 'root', password: 'two' }, 'root/two'],
    [{ url: 'rtsp://admin:one@192.168.1.20/', password: 'two' }, 'admin/two'],
    [{ url: 'rtsp://admin:p%40ss%2F@192.168.1.20/' }, 'admin/p@ss/'],
    [{ password: 'two' }, '/two'],
    [{ username: 'root' }, 'root/'],
  ] as const)('takes credentials from %o', async (fields, expected) => {
    expect(await credentialsOf(fields)).toBe(expected);
  });

  it.each([
    ['a sub-stream elsewhere', { subUrl: 'rtsp://192.168.1.21/sub' }, 'sub-elsewhere'],
    ['http', { url: 'http://192.168.1.20/' }, 'not-rtsp'],
    ['a file', { url: 'file:///etc/passwd' }, 'not-rtsp'],
    ['an option of a program', { url: '-i rtsp://192.168.1.20/' }, 'bad-url'],
    ['a second line', { url: 'rtsp://192.168.1.20/a\nb' }, 'bad-url'],
    ['a public address', { url: 'rtsp://8.8.8.8/' }, 'public-address'],
    ['an unknown name', { url: 'rtsp://nobody.lan/' }, 'unknown-host'],
    ['our own port', { url: 'rtsp://127.0.0.1:8080/' }, 'own-port'],
    ['a bad second address', { subUrl: 'http://192.168.1.20/' }, 'not-rtsp'],
  ] as const)('refuses %s with a sentence and a hint', async (_name, fields, reason) => {
    const attempt = resolveTypedSource(rtsp(fields), resolver);
    await expect(attempt).rejects.toMatchObject({ kind: 'unprocessable', reason });
    await expect(attempt).rejects.toHaveProperty('message', expect.stringMatching(/\.$/));
    await expect(attempt).rejects.toHaveProperty('hint', expect.stringMatching(/\.$/));
  });

  it('says that cameras are not found by themselves yet', async () => {
    const typed = { type: 'onvif', address: '192.168.1.20', username: 'a', password: 'b' } as const;
    await expect(resolveTypedSource(typed, resolver)).rejects.toMatchObject({
      kind: 'unprocessable',
      reason: 'onvif-not-there-yet',
    });
  });
});

const stored: StoredSource = {
  type: 'rtsp',
  authentication: 'digest',
  main: {
    ...{ tls: true, host: 'door.lan', address: '192.168.1.20', port: 322, path: '/main' },
    fingerprint256: 'AA:BB',
  },
  sub: {
    ...{ tls: true, host: 'door.lan', address: '192.168.1.20', port: 8322, path: '/sub' },
    fingerprint256: 'CC:DD',
  },
};
const credentials: CameraCredentials = { username: 'admin', password: new Secret('kept-password') };

function patched(patch: RtspSourcePatch): RtspSource {
  return patchedSource(stored, credentials, patch).typed;
}

describe('patchedSource', () => {
  it('changes nothing for nothing', () => {
    expect(patchedSource(stored, credentials, {})).toEqual({
      typed: {
        ...{ type: 'rtsp', url: 'rtsps://door.lan/main', subUrl: 'rtsps://door.lan:8322/sub' },
        ...{ username: 'admin', password: 'kept-password' },
      },
      isKnown: true,
    });
  });

  it.each([
    ['another path', { url: 'rtsps://door.lan/other' }],
    ['the same host in capitals', { url: 'rtsps://DOOR.LAN:322/other' }],
    ['the sub-stream taken away', { subUrl: null }],
    ['both on the port of the sub-stream', { url: 'rtsps://door.lan:8322/main' }],
  ])('keeps the password for %s', (_name, patch) => {
    expect(patched(patch)).toMatchObject({ username: 'admin', password: 'kept-password' });
    expect(patchedSource(stored, credentials, patch).isKnown).toBe(true);
  });

  it.each([
    ['another host', { url: 'rtsps://192.168.1.66/main', subUrl: null }],
    ['another port', { url: 'rtsps://door.lan:5544/main' }],
    ['no encryption any more', { url: 'rtsp://door.lan/main' }],
    ['no encryption, on the same port', { url: 'rtsp://door.lan:322/main' }],
    ['a sub-stream on another port', { subUrl: 'rtsps://door.lan:5544/sub' }],
    ['a sub-stream on another host', { subUrl: 'rtsps://192.168.1.66/sub' }],
    ['a sub-stream without encryption', { subUrl: 'rtsp://door.lan:322/sub' }],
    ['the name as an address', { url: 'rtsps://192.168.1.20/main', subUrl: null }],
  ])('drops the password for %s', (_name, patch) => {
    const result = patchedSource(stored, credentials, patch);
    expect(result.typed).not.toHaveProperty('password');
    expect(result.typed).not.toHaveProperty('username');
    expect(result.isKnown).toBe(false);
  });

  it('takes a new password along to another host', () => {
    const patch = { url: 'rtsp://192.168.1.66/x', subUrl: null, username: 'root', password: 'new' };
    expect(patched(patch)).toEqual({
      ...{ type: 'rtsp', url: 'rtsp://192.168.1.66/x', username: 'root', password: 'new' },
    });
  });

  it('lets what is typed win: fields, and credentials inside a new address', () => {
    expect(patched({ password: 'new' })).toMatchObject({ username: 'admin', password: 'new' });
    expect(patched({ username: 'root' })).toMatchObject({
      ...{ username: 'root', password: 'kept-password' },
    });
    const inUrl = patched({ url: 'rtsps://root:new@door.lan/main' });
    expect(inUrl).not.toHaveProperty('username');
    expect(inUrl).not.toHaveProperty('password');
  });

  it('forgets what it learnt when the password is typed anew', () => {
    expect(patchedSource(stored, credentials, { password: 'new' }).isKnown).toBe(false);
    const url = 'rtsps://root:new@door.lan/main';
    expect(patchedSource(stored, credentials, { url }).isKnown).toBe(false);
  });

  it('takes away what is null', () => {
    const result = patched({ username: null, password: null, subUrl: null });
    expect(result).toEqual({ type: 'rtsp', url: 'rtsps://door.lan/main' });
  });

  it('works for a camera without a password, at an IPv6 address with a zone', () => {
    const main = {
      tls: false,
      host: 'fe80::1%eth0',
      address: 'fe80::1%eth0',
      port: 554,
      path: '/',
    };
    const bare: StoredSource = { type: 'rtsp', authentication: 'unknown', main };
    expect(patchedSource(bare, undefined, {})).toEqual({
      typed: { type: 'rtsp', url: 'rtsp://[fe80::1%eth0]/' },
      isKnown: true,
    });
  });
});

it('withKnown keeps certificates by device, and that Digest was seen', () => {
  const fresh: StoredSource = {
    type: 'rtsp',
    authentication: 'unknown',
    main: { ...stored.main, path: '/other' },
    sub: { ...stored.main, path: '/other-sub', port: 9322 },
  };
  delete (fresh.main as { fingerprint256?: string }).fingerprint256;
  delete (fresh.sub as { fingerprint256?: string }).fingerprint256;
  expect(withKnown(fresh, stored)).toEqual({
    ...fresh,
    authentication: 'digest',
    main: { ...fresh.main, fingerprint256: 'AA:BB' },
  });
});
