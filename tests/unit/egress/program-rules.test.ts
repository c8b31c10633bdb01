import { describe, expect, it } from 'vitest';
import { isAllowedStart } from '../../../server/egress/program-rules.ts';
import { ingestArgv, pictureArgv } from '../../../server/ffmpeg/argv.ts';

const FFMPEG = { program: 'ffmpeg', path: '/usr/bin/ffmpeg', node: '/usr/bin/node' } as const;
const KEYS = { program: 'key process', path: '/x/key-worker.js', node: '/usr/bin/node' } as const;
const ENV = ['LC_ALL', 'AV_LOG_FORCE_NOCOLOR'];
const RELAY = 'rtsp://127.0.0.1:40123/Zm9v_YmFy-w';

function ffmpeg(args: readonly string[], env = ENV): boolean {
  return isAllowedStart(FFMPEG, { file: '/usr/bin/ffmpeg', args, env });
}

const INGEST = ingestArgv({ relayUrl: RELAY, sound: 'transcode' });

describe('what ffmpeg may be started with', () => {
  it.each([
    ...(['off', 'copy', 'transcode'] as const).map((sound) =>
      ingestArgv({ relayUrl: RELAY, sound }),
    ),
    pictureArgv(0),
    pictureArgv(29),
  ])('is what Doorkeep starts it with: %#', (...args) => {
    expect(ffmpeg(args)).toBe(true);
    const launched = ['--pdeathsig', 'KILL', '--', '/usr/bin/ffmpeg', ...args];
    expect(isAllowedStart(FFMPEG, { file: '/usr/bin/setpriv', args: launched, env: ENV })).toBe(
      true,
    );
  });

  it.each<[string, string[]]>([
    ['another input', INGEST.map((arg) => (arg === RELAY ? 'rtsp://192.168.1.20/a' : arg))],
    ['a name', INGEST.map((arg) => (arg === RELAY ? 'rtsp://localhost:554/a' : arg))],
    ['no port', INGEST.map((arg) => (arg === RELAY ? 'rtsp://127.0.0.1/a' : arg))],
    [
      'an address in disguise',
      INGEST.map((arg) => (arg === RELAY ? 'rtsp://127.0.0.1:1@192.0.2.1/a' : arg)),
    ],
    ['a second input', ['-i', 'http://192.0.2.1/', ...INGEST]],
    ['no input', ['-f', 'lavfi', 'pipe:1']],
    ['another output', [...INGEST, 'rtmp://192.0.2.1/x']],
    ['an output between', ['tcp://192.0.2.1:9', ...INGEST]],
    ['a file', [...INGEST.slice(0, -1), '/tmp/x.mp4']],
    ['progress sent elsewhere', ['-progress', 'http://192.0.2.1/', ...INGEST]],
    ['a tee', [...INGEST.slice(0, -1), '[f=mpegts]udp://192.0.2.1:9']],
    ['a filter that reads', ['-vf', 'movie=x.mp4', ...INGEST]],
    ['a filter that speaks', ['-filter_complex', 'zmq', ...INGEST]],
    ['nothing', []],
  ])('has no %s', (_what, args) => {
    expect(ffmpeg(args)).toBe(false);
  });

  it('is one binary, behind one launcher, without our environment', () => {
    expect(isAllowedStart(FFMPEG, { file: '/usr/bin/curl', args: INGEST, env: ENV })).toBe(false);
    for (const launched of [
      ['--', '/usr/bin/ffmpeg', ...INGEST],
      ['--pdeathsig', 'KILL', '--', '/usr/bin/curl', ...INGEST],
    ]) {
      expect(isAllowedStart(FFMPEG, { file: '/usr/bin/setpriv', args: launched, env: ENV })).toBe(
        false,
      );
    }
    for (const name of ['http_proxy', 'LD_PRELOAD', 'PATH', 'HOME']) {
      expect(ffmpeg(INGEST, [...ENV, name])).toBe(false);
    }
  });
});

describe('what the key process may be started with', () => {
  const start = (file: string, args: string[], env: string[] = ['NODE_CHANNEL_FD']): boolean =>
    isAllowedStart(KEYS, { file, args, env });

  it('is its entry and nothing else', () => {
    expect(start('/usr/bin/node', ['/x/key-worker.js'])).toBe(true);
    const launched = ['--core=0:0', '--', '/usr/bin/node', '/x/key-worker.js'];
    expect(start('/usr/bin/prlimit', launched)).toBe(true);
    expect(start('/usr/bin/node', ['--inspect', '/x/key-worker.js'])).toBe(false);
    expect(start('/usr/bin/node', ['/x/other.js'])).toBe(false);
    expect(start('/usr/bin/node', ['/x/key-worker.js', 'more'])).toBe(false);
    expect(start('/usr/bin/prlimit', ['--core=0:0', '--', '/bin/sh', '/x/key-worker.js'])).toBe(
      false,
    );
    expect(start('/usr/bin/node', ['/x/key-worker.js'], ['NODE_OPTIONS'])).toBe(false);
  });
});

describe('what a service is made with', () => {
  const start = (program: 'systemctl' | 'useradd', file: string, args: string[]): boolean =>
    isAllowedStart(
      { program, path: `/usr/bin/${program}`, node: 'n' },
      { file, args, env: ENV.slice(0, 1) },
    );

  it('is this machine’s systemctl, and no other machine’s', () => {
    expect(start('systemctl', '/usr/bin/systemctl', ['daemon-reload'])).toBe(true);
    expect(start('systemctl', '/usr/bin/systemctl', ['enable', 'doorkeep.service'])).toBe(true);
    expect(start('systemctl', '/usr/bin/systemctl', ['-H', 'x', 'daemon-reload'])).toBe(false);
    expect(
      start('systemctl', '/usr/bin/systemctl', ['enable', 'doorkeep.service', '-H', 'x']),
    ).toBe(false);
    expect(start('systemctl', '/usr/bin/systemctl', ['stop', 'doorkeep.service'])).toBe(false);
    expect(start('useradd', '/usr/bin/useradd', ['--system', 'doorkeep'])).toBe(true);
    expect(start('useradd', '/bin/sh', ['--system', 'doorkeep'])).toBe(false);
  });
});
