import { describe, expect, it } from 'vitest';
import { parseCameraUrl } from '../../../../server/rtsp/camera-url.ts';
import {
  hostIn,
  isBareHost,
  MAKERS,
  splitLogin,
  typedAddress,
} from '../../../../web/words/camera-makers.ts';

const reolink = MAKERS.find(({ name }) => name === 'Reolink');

describe('what was typed', () => {
  it.each(['192.168.1.20', '192.168.1.20:8554', 'porch.local', '[fe80::1]', '[fe80::1%eth0]:554'])(
    'is a bare host: %s',
    (typed) => {
      expect(isBareHost(` ${typed} `)).toBe(true);
    },
  );

  it.each(['', 'rtsp://192.168.1.20', '192.168.1.20/stream1', 'a b', 'admin@192.168.1.20'])(
    'is no bare host: %s',
    (typed) => {
      expect(isBareHost(typed)).toBe(false);
    },
  );

  it('becomes the addresses of its maker', () => {
    expect(typedAddress(' 192.168.1.20 ', reolink, '')).toEqual({
      url: 'rtsp://192.168.1.20/h264Preview_01_main',
      subUrl: 'rtsp://192.168.1.20/h264Preview_01_sub',
    });
  });

  it('keeps a port that was typed, and takes the maker’s own where none was', () => {
    const doorBird = MAKERS.find(({ port }) => port !== undefined);
    expect(typedAddress('10.0.0.9', doorBird, '').url).toBe(
      'rtsp://10.0.0.9:8557/mpeg/720p/media.amp',
    );
    expect(typedAddress('10.0.0.9:8558', doorBird, '').url).toContain('rtsp://10.0.0.9:8558/');
  });

  it('stays as it is when it is a whole address, whatever the maker', () => {
    expect(typedAddress(' rtsp://10.0.0.9/live ', reolink, '')).toEqual({
      url: 'rtsp://10.0.0.9/live',
      subUrl: undefined,
    });
  });

  it('wins over the maker where a small picture was typed', () => {
    expect(typedAddress('10.0.0.9', reolink, ' rtsp://10.0.0.9/small ').subUrl).toBe(
      'rtsp://10.0.0.9/small',
    );
  });

  it.each(MAKERS.map((maker) => [maker.name, maker] as const))(
    'is an address that the box understands: %s',
    (_name, maker) => {
      const { url, subUrl } = typedAddress('192.168.1.20', maker, '');
      expect(parseCameraUrl(url).host).toBe('192.168.1.20');
      if (subUrl !== undefined) expect(parseCameraUrl(subUrl).host).toBe('192.168.1.20');
    },
  );
});

describe('a pasted login', () => {
  it('goes into its own fields', () => {
    expect(splitLogin(' rtsp://admin:p%40ss@10.0.0.9:554/live ')).toEqual({
      address: 'rtsp://10.0.0.9:554/live',
      username: 'admin',
      password: 'p@ss',
    });
  });

  it.each(['rtsp://10.0.0.9/live', 'rtsp://admin@10.0.0.9/live', '10.0.0.9', 'rtsp://a:100%@h/'])(
    'stays where it cannot be told apart: %s',
    (typed) => {
      expect(splitLogin(typed)).toBeUndefined();
    },
  );

  it('is cut where the box cuts it', () => {
    const typed = 'rtsp://admin:a@b:c@10.0.0.9/live';
    const ours = splitLogin(typed);
    const box = parseCameraUrl(typed);
    expect(ours?.password).toBe(box.credentials?.password.reveal());
    expect(ours?.address).toBe('rtsp://10.0.0.9/live');
  });
});

it('names the host that is being waited for', () => {
  expect(hostIn('rtsp://admin:x@10.0.0.9:554/live?a=b')).toBe('10.0.0.9:554');
  expect(hostIn(' porch.local ')).toBe('porch.local');
  expect(hostIn('')).toBe('the camera');
});
