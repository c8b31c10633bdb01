import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { type Installation, takeUpdate } from '../../../server/update/take-update.ts';
import {
  NEEDED,
  newTestKey,
  type RawEntry,
  signedTar,
  testUpdate,
  updateOf,
} from '../../fixtures/test-update.ts';

const key = newTestKey();

let place: string;
let file: string;

/** A running installation of 1.2.3 in `place/doorkeep`. */
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'doorkeep-update-'));
  mkdirSync(join(place, 'doorkeep'));
  writeFileSync(join(place, 'doorkeep', 'package.json'), '{"version":"1.2.3"}');
  file = join(place, 'doorkeep', 'new.update');
});

afterEach(() => {
  rmSync(place, { recursive: true, force: true });
});

function installation(changes: Partial<Installation> = {}): Installation {
  return {
    ...{ programPath: join(place, 'doorkeep'), version: '1.2.3', databaseVersion: 9 },
    ...{ keys: key.keys, signal: new AbortController().signal },
    ...changes,
  };
}

/** The reason for which these bytes are refused; nothing may be left of them. */
async function refusal(bytes: Buffer, changes: Partial<Installation> = {}): Promise<string> {
  writeFileSync(file, bytes);
  const before = readdirSync(place);
  try {
    await takeUpdate(file, installation(changes));
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    expect(readdirSync(place)).toEqual(before);
    if (thrown.kind !== 'cancelled') expect(thrown.hint).toMatch(/\w/);
    return thrown.reason ?? thrown.kind;
  }
  return 'taken';
}

describe('an update', () => {
  it('comes beside the installation, whole, for everybody to read', async () => {
    writeFileSync(file, testUpdate(key));
    const taken = await takeUpdate(file, installation());
    expect(taken).toMatchObject({
      head: { version: '1.3.0', releasedOn: '2027-02-01' },
      leftOver: [],
    });
    expect(taken.path).toBe(join(place, 'doorkeep-1.3.0'));
    expect(readdirSync(place)).toEqual(['doorkeep', 'doorkeep-1.3.0']);
    const found = readdirSync(taken.path, { recursive: true }).map(String).sort();
    expect(found).toEqual([
      ...['.npmrc', 'package.json', 'release.json', 'server', 'server/main.ts', 'server/storage'],
      'server/storage/schema.sql',
    ]);
    expect(readFileSync(join(taken.path, 'server/main.ts'), 'utf8')).toHaveLength(16_000);
    expect(statSync(taken.path).mode & 0o777).toBe(0o755);
    expect(readFileSync(join(place, 'doorkeep', 'package.json'), 'utf8')).toContain('1.2.3');
  });

  it('is the same bytes from the same files', () => {
    expect(testUpdate(key).equals(testUpdate(key))).toBe(true);
  });

  it('is refused while no key is known, in plain words', async () => {
    expect(await refusal(testUpdate(key), { keys: new Map() })).toBe('no-release-key');
  });

  it('is refused when another key signed it, or nobody', async () => {
    expect(await refusal(testUpdate(newTestKey()))).toBe('not-signed');
    // Another key, under the name of ours.
    const [own, other] = [testUpdate(key), testUpdate(newTestKey())];
    const lines = (bytes: Buffer): string[] => bytes.toString('latin1').split('\n');
    const forged = other
      .toString('latin1')
      .replace(/^ed25519 \S+/m, /^ed25519 \S+/m.exec(own.toString('latin1'))?.[0] ?? '');
    expect(await refusal(Buffer.from(forged, 'latin1'))).toBe('not-signed');
    const [format, head] = lines(own);
    expect(await refusal(Buffer.from(`${format ?? ''}\n${head ?? ''}\n\n`))).toBe('not-signed');
  });

  it('is refused with any bit of it changed', async () => {
    const whole = testUpdate(key);
    const tarAt = whole.indexOf('\n', whole.indexOf('\ned25519 ') + 1) + 1;
    // Every byte of the head, one bit each, and 200 places of the tar.
    const step = Math.max(1, Math.floor((whole.length - tarAt) / 200));
    const places = [
      ...Array.from({ length: tarAt }, (_, at) => at),
      ...Array.from({ length: 200 }, (_, index) => tarAt + index * step),
    ].filter((at) => at < whole.length);
    const reasons = new Map<string, number>();
    for (const at of places) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      const reason = await refusal(bytes);
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    expect([...reasons.keys()].sort()).toEqual([
      'no-update',
      'not-signed',
      'update-bytes',
      'update-form',
    ]);
    expect(reasons.get('update-bytes')).toBe(places.filter((at) => at >= tarAt).length);
  });

  it('is refused when it is cut short, anywhere, or longer', async () => {
    const whole = testUpdate(key);
    for (let length = 0; length < whole.length; length += 7) {
      expect(await refusal(whole.subarray(0, length))).not.toBe('taken');
    }
    expect(await refusal(whole.subarray(0, -1))).toBe('update-bytes');
    expect(await refusal(Buffer.concat([whole, Buffer.alloc(1)]))).toBe('update-bytes');
  });

  it.each(['1.2.3', '1.2.2', '1.1.9', '0.9.9', '1.2.03'])('is refused as %s', async (version) => {
    const bytes = version === '1.2.03' ? undefined : testUpdate(key, { version });
    if (bytes === undefined) expect(() => testUpdate(key, { version })).toThrow(/nobody takes/);
    else expect(await refusal(bytes)).toBe('not-newer');
  });

  it.each(['1.2.4', '1.10.0', '2.0.0', '10.0.0'])('is taken as %s', async (version) => {
    expect(await refusal(testUpdate(key, { version }))).toBe('taken');
  });

  it('is refused by a version that is none, and below what the database needs', async () => {
    expect(await refusal(testUpdate(key), { version: 'unknown' })).toBe('not-newer');
    expect(await refusal(testUpdate(key, { schemaVersion: 8 }))).toBe('below-database');
    expect(
      await refusal(testUpdate(key, { schemaVersion: 8 }), { databaseVersion: undefined }),
    ).toBe('taken');
  });

  it('is refused where its folder is there already', async () => {
    mkdirSync(join(place, 'doorkeep-1.3.0'));
    expect(await refusal(testUpdate(key))).toBe('already-there');
  });

  it('ends when it is stopped', async () => {
    const stop = new AbortController();
    stop.abort();
    expect(await refusal(testUpdate(key), { signal: stop.signal })).toBe('cancelled');
  });
});

describe('an update that is signed and yet wrong', () => {
  const more = (entry: RawEntry): RawEntry[] => [...NEEDED, entry];

  it.each([
    ['..', more({ name: '../out' })],
    ['.. inside', more({ name: 'server/../../out' })],
    ['an absolute name', more({ name: '/tmp/out' })],
    ['a backslash', more({ name: '..\\out' })],
    ['an empty part', more({ name: 'server//out' })],
    ['a lone dot', more({ name: './out' })],
    ['no name', more({ name: '' })],
    ['a space', more({ name: 'a b' })],
    ['a symlink', more({ name: 'server', type: '2', linkName: '/etc' })],
    ['a hard link', more({ name: 'server', type: '1', linkName: 'package.json' })],
    ['a device', more({ name: 'server', type: '3' })],
    ['a folder', more({ name: 'server', type: '5' })],
    ['a long-name entry', more({ name: 'server', type: 'L', content: 'x'.repeat(200) })],
    ['a pax header', more({ name: 'server', type: 'x', content: '12 path=../x\n' })],
    ['a name twice', more({ name: 'package.json', content: '{}' })],
    ['a file that is also a folder', more({ name: 'package.json/x', content: '{}' })],
    ['no package.json', NEEDED.slice(1)],
    ['no release.json', NEEDED.slice(0, 1)],
    ['another program', [{ name: 'package.json', content: '{"name":"x"}' }, ...NEEDED.slice(1)]],
    ['JSON that is none', [{ name: 'package.json', content: 'x' }, ...NEEDED.slice(1)]],
  ])('is refused with %s', async (_what, entries) => {
    expect(await refusal(updateOf(key, entries))).toBe('update-content');
    expect(readdirSync(place)).toEqual(['doorkeep']);
  });

  it('is refused when there is more or less in it than it says', async () => {
    const bytes = NEEDED.reduce((sum, { content = '' }) => sum + content.length, 0);
    for (const said of [
      ...[{ files: 1 }, { files: 3 }, { unpackedBytes: bytes - 1 }, { unpackedBytes: bytes + 1 }],
      ...[{ end: Buffer.alloc(0) }, { end: Buffer.alloc(512) }, { end: Buffer.alloc(1024, 'x') }],
      { end: Buffer.concat([Buffer.alloc(1024), Buffer.from('behind')]) },
    ]) {
      const wanted = said.end?.length === 512 ? 'taken' : 'update-content';
      expect(await refusal(updateOf(key, NEEDED, said))).toBe(wanted);
      rmSync(join(place, 'doorkeep-1.3.0'), { recursive: true, force: true });
    }
  });

  it('stops a bomb at what its head says', async () => {
    // 64 MiB of zeros behind the end, in 64 kB.
    const bomb = updateOf(key, NEEDED, { end: Buffer.alloc(64 * 1024 * 1024) });
    expect(bomb.length).toBeLessThan(100_000);
    expect(await refusal(bomb)).toBe('update-content');
    // One file of 40 MiB, more than any file may have.
    const large = updateOf(key, [...NEEDED, { name: 'a', content: '0'.repeat(40 * 1024 * 1024) }]);
    expect(await refusal(large)).toBe('update-content');
    // Many files of nothing.
    const many = Array.from({ length: 500 }, (_, index) => ({ name: `f${String(index)}` }));
    expect(await refusal(updateOf(key, [...NEEDED, ...many], { files: 100 }))).toBe(
      'update-content',
    );
  });

  it('is refused when its gzip is broken', async () => {
    const said = { unpackedBytes: 10, files: 2 };
    expect(await refusal(signedTar(key, Buffer.from('no gzip at all'), said))).toBe(
      'update-content',
    );
    const cut = gzipSync(Buffer.alloc(4096, 'x')).subarray(0, 20);
    expect(await refusal(signedTar(key, cut, said))).toBe('update-content');
  });
});
