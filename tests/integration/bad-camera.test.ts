/** What the owner reads when a camera cannot be added: within 15 s, one sentence, and what to do. */
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import type { Problem } from '../../server/contract/problem.ts';
import { type Answer, DoorkeepServer } from '../doubles/doorkeep-server.ts';
import {
  gstAvailable,
  type GstMount,
  type GstRtspServer,
  startGstRtspServer,
} from '../doubles/gst-rtsp/gst-rtsp-server.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { ClipFolder } from '../fixtures/fmp4-clips.ts';
import { addCamera, metricOf } from '../fixtures/household.ts';

/** Planted as a camera's password; must never be seen again. */
const CANARY = 'canary/4f&x+9 camera';

/** The promise is 15 s from the request to the answer. */
const ANSWER_WITHIN_MS = 15_000;

/** Reserved for documentation (RFC 5737): nobody's, should it be connected to after all. */
const PUBLIC = '203.0.113.7';

const clock = new SystemClock();
const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=10:d=2', '-pix_fmt', 'yuvj420p'];

type Place = 'none' | 'basic' | 'digest' | 'open' | 'closed' | 'mute' | 'itself';

interface BadCamera {
  readonly what: string;
  /** Where `{}` of the address comes from. */
  readonly at?: Place;
  readonly url: string;
  readonly reason: string;
  readonly sentence: RegExp;
  readonly username?: string;
}

const BAD: readonly BadCamera[] = [
  {
    ...{ what: 'a wrong password (Basic)', at: 'basic', url: 'rtsp://{}/a', username: 'viewer' },
    ...{ reason: 'wrong-password', sentence: /refuses the user name or the password/ },
  },
  {
    ...{ what: 'a wrong password (Digest)', at: 'digest', url: 'rtsp://{}/a', username: 'viewer' },
    ...{ reason: 'wrong-password', sentence: /refuses the user name or the password/ },
  },
  {
    ...{ what: 'no password where one is needed', at: 'digest', url: 'rtsp://{}/a' },
    ...{ reason: 'password-needed', sentence: /asks for a user name and a password/ },
  },
  {
    ...{ what: 'a closed port', at: 'closed', url: 'rtsp://{}/a', username: 'viewer' },
    ...{ reason: 'connection-refused', sentence: /refuses connections on port/ },
  },
  {
    ...{ what: 'a host that accepts and never answers', at: 'mute', url: 'rtsp://{}/a' },
    ...{ reason: 'no-answer', sentence: /accepted the connection, but does not answer/ },
  },
  {
    ...{ what: 'a path that does not exist', at: 'open', url: 'rtsp://{}/nowhere' },
    ...{ reason: 'not-found', sentence: /no picture at this address/ },
  },
  {
    ...{ what: 'a stream without video', at: 'open', url: 'rtsp://{}/sound-only' },
    ...{ reason: 'no-video', sentence: /offers no picture/ },
  },
  {
    ...{ what: 'MPEG-4 part 2', at: 'open', url: 'rtsp://{}/mpeg4' },
    ...{ reason: 'unsupported-codec', sentence: /as MP4V-ES, which Doorkeep cannot keep/ },
  },
  {
    ...{ what: 'Motion JPEG', at: 'open', url: 'rtsp://{}/jpeg' },
    ...{ reason: 'unsupported-codec', sentence: /as JPEG, which Doorkeep cannot keep/ },
  },
  {
    ...{ what: 'a public address', url: `rtsp://${PUBLIC}:554/a`, username: 'viewer' },
    ...{ reason: 'public-address', sentence: /is on the Internet, not in your home/ },
  },
  {
    ...{ what: 'a cloud’s metadata service', url: 'rtsp://169.254.169.254/latest' },
    ...{ reason: 'reserved-address', sentence: /cannot be the address of a camera/ },
  },
  {
    ...{ what: 'an address in disguise', url: 'rtsp://2130706433/a' },
    ...{ reason: 'bad-address', sentence: /no such address/ },
  },
  {
    ...{ what: 'Doorkeep itself', at: 'itself', url: 'rtsp://{}/a' },
    ...{ reason: 'own-port', sentence: /address of Doorkeep itself/ },
  },
  {
    ...{ what: 'file:', url: 'file:///etc/passwd' },
    ...{ reason: 'not-rtsp', sentence: /cannot use file: addresses/ },
  },
  {
    ...{ what: 'http:', url: 'http://192.168.1.20/stream' },
    ...{ reason: 'not-rtsp', sentence: /cannot use http: addresses/ },
  },
  {
    ...{ what: 'no scheme', url: '192.168.1.20/stream' },
    ...{ reason: 'not-rtsp', sentence: /not the address of a camera/ },
  },
  {
    ...{ what: 'a newline', url: 'rtsp://192.168.1.20/a\nDESCRIBE rtsp://x' },
    ...{ reason: 'bad-url', sentence: /contains a line break/ },
  },
  {
    ...{ what: 'a leading -', url: '-i rtsp://192.168.1.20/a' },
    ...{ reason: 'bad-url', sentence: /cannot begin with “-”/ },
  },
  {
    ...{ what: 'nothing at all', url: '' },
    ...{ reason: 'not-rtsp', sentence: /not the address of a camera/ },
  },
];

describe.skipIf(!gstAvailable)('a camera that cannot be added', () => {
  let folder: ClipFolder;
  let server: DoorkeepServer;
  let mute: Server;
  const gst: Partial<Record<Place, GstRtspServer>> = {};
  const places = new Map<Place, string>();
  const muted = new Set<Socket>();
  /** Everything that the server ever answered here. */
  let answers = '';

  beforeAll(async () => {
    folder = await ClipFolder.create();
    const good: GstMount = {
      path: '/a',
      file: await makeClip({ ...CLIPS.small, gopSeconds: 1, seconds: 8 }),
    };
    const tone = ['-f', 'lavfi', '-i', 'sine=d=2:r=48000', '-c:a', 'aac'];
    const open: GstMount[] = [
      good,
      { path: '/sound-only', file: await folder.make('sound.mov', ...tone) },
      { path: '/mpeg4', file: await folder.make('mpeg4.mov', ...PICTURE, '-c:v', 'mpeg4') },
      { path: '/jpeg', file: await folder.make('jpeg.mov', ...PICTURE, '-c:v', 'mjpeg') },
    ];
    const auth = { username: 'viewer', password: 'the right one' };
    gst.open = await startGstRtspServer({ mounts: open });
    for (const scheme of ['basic', 'digest'] as const) {
      gst[scheme] = await startGstRtspServer({ mounts: [good], auth: { ...auth, scheme } });
    }
    mute = createServer((socket) => {
      muted.add(socket);
    });
    server = await DoorkeepServer.start();
    await server.setUp();
    for (const place of ['open', 'basic', 'digest'] as const) {
      places.set(place, `127.0.0.1:${String(gst[place]!.port)}`);
    }
    places.set('mute', await listening(mute));
    const closing = createServer();
    places.set('closed', await listening(closing));
    closing.close();
    places.set('itself', new URL(server.baseUrl).host);
  });

  afterAll(async () => {
    for (const socket of muted) socket.destroy();
    mute.close();
    await server.dispose();
    for (const rtsp of Object.values(gst)) await rtsp.stop();
    await folder.remove();
  });

  async function add(body: unknown): Promise<Answer<Problem>> {
    const answer = await server.api<Problem>('POST', '/api/cameras', body);
    answers += JSON.stringify(answer.body);
    return answer;
  }

  function bodyOf({ at = 'none', url, username }: BadCamera): unknown {
    const login = username === undefined ? {} : { username, password: CANARY };
    const source = { type: 'rtsp', url: url.replace('{}', places.get(at) ?? ''), ...login };
    return { name: 'Front door', source };
  }

  it.each(BAD)('$what', async (bad) => {
    const startedMs = clock.monotonicMs();
    const answer = await add(bodyOf(bad));
    expect(clock.monotonicMs() - startedMs).toBeLessThan(ANSWER_WITHIN_MS);
    expect(answer.status).toBe(422);
    const { detail, hint, reason } = answer.body;
    expect(reason).toBe(bad.reason);
    expect(detail).toMatch(bad.sentence);
    for (const sentence of [detail, hint]) expect(sentence).toMatch(/^[A-Z“0-9].*\.$/);
    expect((await server.api('GET', '/api/cameras')).body).toEqual({ cameras: [] });
  });

  it('is not connected to when its address is public', async () => {
    const connections = async (): Promise<unknown[]> => [
      await metricOf(server, 'doorkeep_egress_connected_total'),
      await metricOf(server, 'doorkeep_egress_failed_total'),
    ];
    const before = await connections();
    const bad = BAD.find(({ reason }) => reason === 'public-address')!;
    const asked = add(bodyOf(bad));
    // 203.0.113.7 as the kernel writes it, in network order.
    expect(readFileSync('/proc/net/tcp', 'latin1')).not.toContain('077100CB');
    expect((await asked).status).toBe(422);
    expect(await connections()).toEqual(before);
  });

  it.each<[string, unknown]>([
    ['an unknown field', { name: 'Door', source: { type: 'rtsp', url: 'rtsp://a/' }, color: 1 }],
    [
      'an unknown field of the source',
      { name: 'Door', source: { type: 'rtsp', uri: 'rtsp://a/' } },
    ],
    ['a number for a name', { name: 7, source: { type: 'rtsp', url: 'rtsp://a/' } }],
    ['a list for an address', { name: 'Door', source: { type: 'rtsp', url: ['rtsp://a/'] } }],
    ['an unknown type of source', { name: 'Door', source: { type: 'usb', url: 'rtsp://a/' } }],
    ['a name that nobody sees', { name: '  ', source: { type: 'rtsp', url: 'rtsp://a/' } }],
    ['text for a switch', { name: 'D', sound: 'on', source: { type: 'rtsp', url: 'rtsp://a/' } }],
    ['nothing', {}],
  ])('with %s in the request is a 400', async (_, body) => {
    const answer = await add(body);
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toMatch(/^[A-Z].*\.$/);
  });

  it('says that others are being tried when two are', async () => {
    const slow = BAD.find(({ at }) => at === 'mute')!;
    const going = [add(bodyOf(slow)), add(bodyOf(slow))];
    await expect
      .poll(async () => metricOf(server, 'doorkeep_egress_connected_total'))
      .toBeGreaterThan(muted.size - 1);
    const third = await add(bodyOf(slow));
    expect([third.status, third.body.hint]).toEqual([429, expect.stringMatching(/try again/)]);
    for (const answer of await Promise.all(going)) expect(answer.status).toBe(422);
  });

  it('takes nothing with it: the next one is added, and its password was seen nowhere', async () => {
    const source = { type: 'rtsp' as const, url: gst.open!.url('/a') };
    const added = await addCamera(server, { name: 'Front door', source });
    expect(added.test.main.video).toMatchObject({ codec: 'h264' });
    expect(await server.stop()).toBe(0);
    for (const spelling of [CANARY, encodeURIComponent(CANARY), CANARY.slice(0, 12)]) {
      expect(answers).not.toContain(spelling);
      expect(server.output).not.toContain(spelling);
    }
  });
});

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}
