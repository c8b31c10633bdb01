import { describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { hostForUrl, parseCameraUrl } from '../../../server/rtsp/camera-url.ts';

describe('parseCameraUrl', () => {
  it('takes an address apart and keeps path and query as typed', () => {
    const url = parseCameraUrl(' rtsp://192.168.1.20/cam/realmonitor?channel=1&subtype=0 ');
    expect(url).toEqual({
      tls: false,
      host: '192.168.1.20',
      port: 554,
      path: '/cam/realmonitor?channel=1&subtype=0',
      credentials: undefined,
    });
  });

  it.each([
    ['rtsps://cam.local', { tls: true, host: 'cam.local', port: 322, path: '/' }],
    ['RTSP://cam:8554/a%20b//', { tls: false, host: 'cam', port: 8554, path: '/a%20b//' }],
    ['rtsp://cam?x=1', { tls: false, host: 'cam', port: 554, path: '/?x=1' }],
    ['rtsp://cam:/a', { tls: false, host: 'cam', port: 554, path: '/a' }],
    ['rtsp://[fd00::5]:8554/a', { tls: false, host: 'fd00::5', port: 8554, path: '/a' }],
    ['rtsp://[fe80::5%25eth0]/a', { tls: false, host: 'fe80::5%eth0', port: 554, path: '/a' }],
  ])('%s', (text, expected) => {
    expect(parseCameraUrl(text)).toMatchObject(expected);
  });

  it.each([
    ['rtsp://admin:s3cret@cam/a', 'admin', 's3cret'],
    ['rtsp://admin:p%40ss%3A%2F@cam/a', 'admin', 'p@ss:/'],
    ['rtsp://admin:p@ss:w@cam/a', 'admin', 'p@ss:w'],
    ['rtsp://admin:100%@cam/a', 'admin', '100%'],
    ['rtsp://admin@cam/a', 'admin', ''],
    ['rtsp://:s3cret@cam/a', '', 's3cret'],
  ])('splits the login off %s', (text, username, password) => {
    const { credentials, host } = parseCameraUrl(text);
    expect(host).toBe('cam');
    expect(credentials?.username).toBe(username);
    expect(credentials?.password.reveal()).toBe(password);
  });

  it.each([
    ['http://192.168.1.20/video.mjpg', 'not-rtsp', /http: addresses/],
    ['file:///etc/passwd', 'not-rtsp', /file: addresses/],
    ['192.168.1.20/stream1', 'not-rtsp', /not the address of a camera/],
    ['rtsp:192.168.1.20', 'not-rtsp', /not the address of a camera/],
    ['admin:s3cret@cam', 'not-rtsp', /not the address of a camera/],
    ['', 'not-rtsp', /not the address of a camera/],
    ['-rtsp://cam/a', 'bad-url', /“-”/],
    ['rtsp://-cam/a', 'bad-url', /characters/],
    ['rtsp://cam/a\nb', 'bad-url', /line break/],
    ['rtsp://cam/a\r\nX: y', 'bad-url', /line break/],
    ['rtsp://cam/a\n', 'bad-url', /line break/],
    ['rtsp://cam/a\u0000', 'bad-url', /line break/],
    ['rtsp://cam/a\u2028', 'bad-url', /line break/],
    ['rtsp://a:%0d%0a@cam/a', 'bad-url', /line break/],
    ['rtsp://a%3Ab:c@cam/a', 'bad-url', /“:”/],
    ['rtsp://cam/a b', 'bad-url', /space/],
    ['rtsp://käm/a', 'bad-url', /letter/],
    ['rtsp://cam/a#b', 'bad-url', /“#”/],
    ['rtsp:///a', 'bad-url', /no camera/],
    ['rtsp://user:pass@/a', 'bad-url', /no camera/],
    ['rtsp://cam:0/a', 'bad-url', /port/],
    ['rtsp://cam:65536/a', 'bad-url', /port/],
    ['rtsp://fd00::5/a', 'bad-url', /not a host/],
    ['rtsp://[cam]/a', 'bad-url', /IPv6/],
    ['rtsp://admin:p/ss@cam/a', 'bad-url', /not a host/],
    ['rtsp://c$m/a', 'bad-url', /characters/],
    [`rtsp://cam/${'a'.repeat(2048)}`, 'bad-url', /too long/],
  ])('refuses %j', (text, reason, sentence) => {
    let error: unknown;
    try {
      parseCameraUrl(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ kind: 'unprocessable', reason });
    expect((error as AppError).message).toMatch(sentence);
    expect((error as AppError).hint).toMatch(/\.$/);
    // What was typed may hold a password.
    expect((error as AppError).message + String((error as AppError).hint)).not.toMatch(
      /s3cret|ss@/,
    );
  });
});

describe('hostForUrl', () => {
  it('brackets IPv6 and drops the zone', () => {
    expect(hostForUrl('cam.local')).toBe('cam.local');
    expect(hostForUrl('fe80::5%eth0')).toBe('[fe80::5]');
  });
});
