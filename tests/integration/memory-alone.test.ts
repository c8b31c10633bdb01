/**
 * What secrets leave behind in the memory of the server and of its children (guarantee G4): passwords,
 * recovery key, identities and file keys, in every spelling, after each step of a household's life.
 * Alone, because it reads all the memory of several processes. Results: docs/threat-model.md.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bech32 } from '@scure/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileKeyOf, headerExtent } from '../../server/age/header.ts';
import { SystemClock } from '../../server/base/clock.ts';
import { openMemberIdentity } from '../../server/keys/wrap.ts';
import type { Household } from '../../server/keys/key-messages.ts';
import { DoorkeepServer, OWNER } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { readIndex } from '../fixtures/footage-tree.ts';
import { addCamera, untilRecorded } from '../fixtures/household.ts';
import {
  type Needle,
  type Residue,
  searchMemory,
  spellingsOfBytes,
  spellingsOfText,
} from '../fixtures/process-memory.ts';
import { childrenOf } from '../fixtures/process-table.ts';

const NEW_PASSWORD = 'four even wombats at dusk';

/** What is known to stay in the server, and where (docs/threat-model.md): plain text in freed buffers. No
 * string of V8, no other spelling, no identity's bytes, nothing of a member's. */
const KNOWN = /^((new )?password|household): text$|^file key: raw$/;

/** Of all of them together. While bodies were parsed from strings there were 41 after the lock. */
const COPIES_MAX = 24;

const clock = new SystemClock();

/** Holds a text and bytes in every spelling that is searched for, and tells when it does. */
const HOLDER = `
  const bytes = Buffer.from(process.argv[1].split('').reverse().join(''), 'hex');
  const text = 'planted ' + bytes.toString('hex').slice(0, 8).split('').reverse().join('') + ' ÿ';
  globalThis.kept = [
    bytes, Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('base64')),
    Buffer.from(text.slice(0, 16), 'utf16le'), text,
  ];
  process.stdout.write('held');
  process.stdin.resume();
`;

describe.skipIf(process.platform !== 'linux')('the memory of the processes', () => {
  let server: DoorkeepServer;
  let camera: RtspCamera;
  const needles: Needle[] = [];
  const measured: Record<string, Record<string, Residue>> = {};

  beforeAll(async () => {
    const clip = await loadClip(await makeClip({ ...CLIPS.small, gopSeconds: 1, seconds: 8 }));
    [camera, server] = await Promise.all([
      RtspCamera.start({ streams: { '/main': clip } }),
      DoorkeepServer.start(),
    ]);
    needles.push(...spellingsOfText('password', OWNER.password));
    needles.push(...spellingsOfText('new password', NEW_PASSWORD));
  });

  afterAll(async () => {
    process.stdout.write(`${JSON.stringify(measured, null, 1)}\n`);
    await server.dispose();
    await camera.close();
  });

  /** By the kind of process; what is empty is left out. */
  function search(step: string): Record<string, Residue> {
    const found: Record<string, Residue> = { server: searchMemory(server.pid, needles) };
    for (const { pid, argv } of childrenOf(server.pid)) {
      const kind = argv.some((word) => word.endsWith('key-worker.js')) ? 'keys' : 'ffmpeg';
      found[kind] = searchMemory(pid, needles);
    }
    measured[step] = found;
    const { server: residue = {}, ffmpeg = {} } = found;
    expect(Object.keys(residue).filter((name) => !KNOWN.test(name))).toEqual([]);
    expect(copiesIn(residue)).toBeLessThanOrEqual(COPIES_MAX);
    expect(ffmpeg).toEqual({});
    return found;
  }

  function household(): Household {
    return JSON.parse(
      readFileSync(join(server.dataPath, 'keys', 'household.json'), 'utf8'),
    ) as Household;
  }

  function addIdentity(name: string, identity: string): void {
    needles.push(...spellingsOfText(name, identity));
    needles.push(...spellingsOfBytes(`${name} bytes`, rawOf(identity)));
  }

  it('shows a value that is known to be there, in each spelling', async () => {
    const bytes = Buffer.from(
      Array.from({ length: 16 }, () => Math.floor(clock.wallMs() * Math.random()) & 255),
    );
    const reversed = bytes.toString('hex').split('').reverse().join('');
    const child = spawn(process.execPath, ['-e', HOLDER, reversed], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      const text = `planted ${bytes.toString('hex').slice(0, 8).split('').reverse().join('')}`;
      const found = searchMemory(child.pid ?? 0, [
        ...spellingsOfBytes('bytes', bytes),
        ...spellingsOfText('text', text),
      ]);
      expect(found).toMatchObject({
        'bytes: raw': expect.any(Number) as number,
        'bytes: hex': expect.any(Number) as number,
        'bytes: base64+0': expect.any(Number) as number,
        'text: utf16': expect.any(Number) as number,
      });
      const other = spellingsOfBytes('other', Buffer.alloc(16, 0xa7));
      expect(searchMemory(child.pid ?? 0, other)).toEqual({});
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('after set-up, sign-in, recording, reading, recovery and lock', async () => {
    const setupToken = readFileSync(join(server.dataPath, 'setup-token'), 'utf8').trim();
    const made = await server.api<{ recoveryKey: string }>('POST', '/api/setup', {
      ...{ setupToken, ...OWNER },
    });
    expect(made.status).toBe(201);
    const { recoveryKey } = made.body;
    addIdentity('household', recoveryKey);
    addIdentity(
      'member',
      (await openMemberIdentity(household().wraps[0]!, Buffer.from(OWNER.password)))!,
    );
    search('set-up');
    await server.signIn();
    const opened = search('sign-in');
    // Unlocked: there it must be found, or nothing is being searched.
    expect(opened.keys?.['household: text']).toBeGreaterThan(0);

    const source = { type: 'rtsp', url: camera.url('/main') } as const;
    const { id } = await addCamera(server, { name: 'Door', source, sound: false });
    const range = await untilRecorded(server, id, 2);
    const [from, to] = [range.fromMs, range.toMs].map((ms) => new Date(ms).toISOString());
    const list = await server.api<string>(
      'GET',
      `/api/playback/${id}.m3u8?from=${from!}&to=${to!}`,
    );
    const [, name] = /^([^#\s]+\.mp4)$/m.exec(list.body)!;
    const read = await server.fetch('GET', `/api/playback/${name!}`, undefined, {
      range: 'bytes=0-999',
    });
    expect((await read.arrayBuffer()).byteLength).toBe(1000);
    const bytes = readFileSync(readIndex(server.dataPath).segments[0]!.path);
    const header = bytes.subarray(0, headerExtent(bytes.subarray(0, 4096)).textBytes);
    needles.push(
      ...spellingsOfBytes('file key', Buffer.from(await fileKeyOf(header, [recoveryKey]))),
    );
    search('read');
    // Nothing of a finished recording may stay after the lock.
    expect((await server.api('PATCH', `/api/cameras/${id}`, { enabled: false })).status).toBe(200);

    const body = { username: OWNER.username, recoveryKey, newPassword: NEW_PASSWORD };
    expect((await server.api('POST', '/api/recovery', body)).status).toBe(204);
    addIdentity(
      'new member',
      (await openMemberIdentity(household().wraps[0]!, Buffer.from(NEW_PASSWORD)))!,
    );
    search('recovery');
    await server.signIn(NEW_PASSWORD);
    expect((await server.api('POST', '/api/lock')).status).toBe(204);
    const locked = search('lock');
    expect(Object.keys(locked)).not.toContain('keys');
  });
});

function copiesIn(residue: Residue): number {
  return Object.values(residue).reduce((sum, count) => sum + count, 0);
}

function rawOf(identity: string): Buffer {
  const { words } = bech32.decode(identity.toLowerCase() as `${string}1${string}`, false);
  return Buffer.from(bech32.fromWords(words));
}
