import { describe, expect, it } from 'vitest';
import {
  parseStoredSource,
  relayTarget,
  shownSource,
  shownUrl,
  type StoredSource,
  type StoredStream,
} from '../../../server/camera/stored-source.ts';
import { parseCameraUrl } from '../../../server/rtsp/camera-url.ts';

const main: StoredStream = {
  ...{ tls: false, host: 'door.lan', address: '192.168.1.20', port: 554, path: '/main?x=1' },
};
const source: StoredSource = { type: 'rtsp', main, authentication: 'unknown' };

describe('parseStoredSource', () => {
  it('reads what was written', () => {
    const full: StoredSource = {
      ...{ type: 'rtsp', authentication: 'digest' },
      main: { ...main, tls: true, fingerprint256: 'AA:BB' },
      sub: { ...main, path: '/sub' },
    };
    expect(parseStoredSource(JSON.stringify(full))).toEqual(full);
  });

  it.each([
    ['no JSON', '{'],
    ['nothing in it', '{}'],
    ['null', 'null'],
    ['another type', JSON.stringify({ ...source, type: 'onvif' })],
    ['a field too many', JSON.stringify({ ...source, password: 'x' })],
    ['a port that is none', JSON.stringify({ ...source, main: { ...main, port: 0 } })],
    ['a field too few', JSON.stringify({ type: 'rtsp', authentication: 'unknown' })],
  ])('refuses %s', (_name, json) => {
    expect(() => parseStoredSource(json)).toThrow(expect.objectContaining({ kind: 'corrupt' }));
  });
});

describe('shownUrl', () => {
  it.each([
    [main, 'rtsp://door.lan/main?x=1'],
    [{ ...main, port: 8554 }, 'rtsp://door.lan:8554/main?x=1'],
    [{ ...main, tls: true, port: 322 }, 'rtsps://door.lan/main?x=1'],
    [{ ...main, tls: true }, 'rtsps://door.lan:554/main?x=1'],
    [{ ...main, host: 'fe80::1%eth0' }, 'rtsp://[fe80::1%eth0]/main?x=1'],
  ])('%o', (stream, expected) => {
    expect(shownUrl(stream)).toBe(expected);
    // What is shown can be typed again.
    const { tls, host, port, path } = parseCameraUrl(expected);
    expect({ tls, host, port, path }).toEqual({
      ...{ tls: stream.tls, host: stream.host, port: stream.port, path: stream.path },
    });
  });
});

it('shows the user name but never a password', () => {
  expect(shownSource(source, undefined)).toEqual({ type: 'rtsp', url: 'rtsp://door.lan/main?x=1' });
  expect(shownSource({ ...source, sub: { ...main, path: '/s' } }, 'admin')).toEqual({
    ...{ type: 'rtsp', url: 'rtsp://door.lan/main?x=1' },
    ...{ subUrl: 'rtsp://door.lan/s', username: 'admin' },
  });
});

it('connects to the pinned address, and names the host as typed', () => {
  expect(relayTarget(main)).toEqual({
    ...{ address: '192.168.1.20', port: 554, tls: false, path: '/main?x=1' },
    hostForUri: 'door.lan',
  });
  expect(relayTarget({ ...main, fingerprint256: 'AA' }).fingerprint256).toBe('AA');
});
