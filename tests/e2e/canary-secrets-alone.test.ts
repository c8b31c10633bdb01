/// <reference lib="dom" />
/**
 * Every secret of a household that lives a whole day with the real server, a real Chromium and its commands, and
 * whose processes then crash: searched for in everything that is left of it. Alone, because it looks at what
 * processes are started with many times a second. What may be where is a list here, and in docs/threat-model.md.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bech32 } from '@scure/base';
import SQLite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../server/config.ts';
import type { KeyHolders } from '../../server/contract/keys.ts';
import type { Household } from '../../server/keys/key-messages.ts';
import { openMemberIdentity } from '../../server/keys/wrap.ts';
import { DoorkeepServer, until } from '../doubles/doorkeep-server.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { chromiumAvailable, onPath, SIZES, startProfile } from '../fixtures/browser.ts';
import {
  dumpsIn,
  inAnswers,
  inFiles,
  inFolders,
  inProcesses,
  inTexts,
  type PlaceReport,
} from '../fixtures/canary-places.ts';
import { CanarySecrets, newCanary } from '../fixtures/canary-secrets.ts';
import { CanaryVisit } from '../fixtures/canary-visits.ts';
import { asChromiumKeeps, cookiesIn } from '../fixtures/chromium-cookies.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { filesBelow, readIndex } from '../fixtures/footage-tree.ts';
import { childrenOf, ffmpegsOf } from '../fixtures/process-table.ts';
import { ProcessWatch } from '../fixtures/process-watch.ts';
import { RecordingProxy } from '../fixtures/recording-proxy.ts';
import { openFilesOf, withDescendants } from '../fixtures/written-places.ts';

const ENTRY = join(PACKAGE_ROOT, 'dist', 'server', 'cli', 'doorkeep.js');

const OWNER = 'sam';
const MEMBER = 'Robin';

/** What the camera double says of itself. */
const REALM = 'simulated "camera"';

/** Characters that addresses, JSON, shells and headers each treat in their own way. */
const AWKWARD = ' p@ss:/%"\\\'?#&+ ';

/** It takes 60 s; a busy machine needs more. */
const DAY_WITHIN_MS = 240_000;

const ENDS_WITHIN_MS = 20_000;

/** Answers that give a secret out, once, to whoever is to have it: these, and no other. */
const HANDED_OUT = [
  'POST /api/setup: recovery key',
  'POST /api/session: session',
  'POST /api/unlock: kept phone',
  'POST /api/tokens: access token',
  'POST /api/invitations: invitation',
  'POST /api/keys: new recovery key',
];

/** Of the member's page, so that every run shows whether such a thing is found. */
const PLANTED_IN_PAGE = 'planted in a page';

/** Secrets of the box that lie in clear in the data folder, each in its own file. */
const IN_DATA_FOLDER = ['keys/box.key: box key', 'keys/metrics-token: metrics token'];

/** Throws where a defect would, so that nobody catches it. What it was doing stands in its words, as it may. */
const DEFECT = `
  process.on('SIGPWR', () => {
    setImmediate(() => {
      throw planted();
    });
  });`;

/** A start that ends badly, when all else is there. */
const CANNOT_LISTEN = `
  import net from 'node:net';
  net.Server.prototype.listen = () => {
    throw planted();
  };`;

/** `plan`: the file with the user name and the password of a camera, and a secret that the process knows
 * by then. */
function preloadOf(defect: string, plan: string): string {
  return `
    import { readFileSync } from 'node:fs';
    const [user, password, known] = JSON.parse(readFileSync(${JSON.stringify(plan)}, 'utf8'));
    const planted = () => {
      const login = encodeURIComponent(user) + ':' + encodeURIComponent(password);
      const cause = new Error('no rtsp://' + login + '@127.0.0.1/main with ' + known);
      return new Error('planted defect with ' + encodeURIComponent(known), { cause });
    };
    ${defect}`;
}

/** Commands are asked for the key at a terminal, which util-linux's `script` is. */
const isPossible =
  chromiumAvailable && process.platform === 'linux' && onPath('script') !== undefined;

describe.skipIf(!isPossible)('the secrets of a household', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorkeep-canaries-'));
  const [person, profile, otherProfile, crashes, temporary, reports] = [
    ...['person', 'profile', 'other-profile', 'crashes', 'temporary', 'reports'],
  ].map((name) => join(folder, name)) as [string, string, string, string, string, string];
  const canaries = new CanarySecrets();
  const watch = new ProcessWatch();
  /** What each program printed. */
  const printed: Record<string, string> = {};
  const measured: Record<string, Omit<PlaceReport, 'hits'> & { hits: string }> = {};
  const password = newCanary(' owner ');
  const cameraPassword = newCanary(AWKWARD);
  let camera: RtspCamera;
  let basicCamera: RtspCamera;
  let server: DoorkeepServer;
  let proxy: RecordingProxy;
  /** What opened links carried, and what a program comes in with. */
  const used = { code: '', invitation: '', metrics: '' };

  beforeAll(async () => {
    for (const path of [person, crashes, temporary, reports]) mkdirSync(path);
    const spec = { ...CLIPS.small, gopSeconds: 1, seconds: 8 };
    const clip = await loadClip(await makeClip(spec));
    const streams = { '/main': clip };
    const basicPassword = newCanary(AWKWARD);
    [camera, basicCamera, server] = await Promise.all([
      RtspCamera.start({ streams, login: 'digest', password: cameraPassword }),
      RtspCamera.start({ streams, login: 'basic', password: basicPassword }),
      DoorkeepServer.start({ through: inCrashFolder(), env: { TMPDIR: temporary } }),
    ]);
    watch.watch(server.pid);
    proxy = await RecordingProxy.start(Number(new URL(server.baseUrl).port));
    canaries.add('owner’s password', password);
    canaries.add('camera password', cameraPassword);
    canaries.add('camera password (basic)', basicPassword);
    canaries.add('camera login (basic)', `admin:${basicPassword}`);
    const digest = createHash('md5').update(`admin:${REALM}:${cameraPassword}`).digest();
    canaries.addBytes('camera login (HA1)', digest);
  });

  afterAll(async () => {
    watch.stop();
    const { names, windowCount } = canaries;
    process.stdout.write(`${JSON.stringify({ names, windowCount, measured }, null, 1)}\n`);
    await proxy.close();
    await server.dispose();
    await Promise.all([camera.close(), basicCamera.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** The server begins where its dumps are to lie, and may write them. */
  function inCrashFolder(): string[] {
    return ['/bin/sh', '-c', 'cd "$0" && ulimit -c unlimited; exec "$@"', crashes];
  }

  function note(kind: string, report: PlaceReport): string[] {
    measured[kind] = { ...report, hits: report.hits.join('; ') };
    return report.hits;
  }

  function addToken(name: string, text: string): void {
    canaries.add(name, text);
    canaries.addBytes(name, Buffer.from(text, 'base64url'));
  }

  function addIdentity(name: string, identity: string): void {
    canaries.add(name, identity);
    const { words } = bech32.decode(identity.toLowerCase() as `${string}1${string}`, false);
    canaries.addBytes(name, Buffer.from(bech32.fromWords(words)));
  }

  function household(): Household {
    const path = join(server.dataPath, 'keys', 'household.json');
    return JSON.parse(readFileSync(path, 'utf8')) as Household;
  }

  /** A command as a person starts it; the key is typed at its question when it asks for it. */
  async function command(args: readonly string[], dataPath: string, key?: string): Promise<void> {
    const words = [process.execPath, ENTRY, ...args];
    const line = words.map((word) => `'${word}'`).join(' ');
    const child: ChildProcess = spawn('script', ['-qefc', line, '/dev/null'], {
      ...{ cwd: person, stdio: ['pipe', 'pipe', 'pipe'] },
      env: { PATH: process.env.PATH, DOORKEEP_DATA: dataPath, TMPDIR: temporary },
    });
    watch.watch(child.pid!);
    const name = `doorkeep ${args[0]!}`;
    let shown = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (shown += text));
    }
    const ended = once(child, 'close');
    if (key !== undefined) {
      await until(() => shown.includes('Recovery key'), {
        ...{ withinMs: ENDS_WITHIN_MS, what: `the question of ${name}` },
      });
      child.stdin!.write(`${key}\r`);
    }
    const [status] = (await ended) as [number | null];
    printed[name] = (printed[name] ?? '') + shown;
    // 1: it found something, such as a kernel that lets connections out.
    expect(status, `${name}: ${shown}`).toBeLessThanOrEqual(1);
  }

  function keyProcess(): number | undefined {
    const isKeys = (word: string): boolean => word.endsWith('key-worker.js');
    return childrenOf(server.pid).find(({ argv }) => argv.some(isKeys))?.pid;
  }

  it('are found by this search in each kind of place where they are planted', async () => {
    const planted = new CanarySecrets();
    const secret = newCanary(AWKWARD);
    planted.add('planted', secret);
    const place = mkdtempSync(join(folder, 'planted-'));
    writeFileSync(join(place, 'log'), `{"msg":"tried ${JSON.stringify(secret).slice(1)}}\n`);
    writeFileSync(join(place, 'History'), Buffer.from(`..${secret}`, 'utf16le'));
    writeFileSync(join(place, 'core.1'), Buffer.from(`admin:${secret}`).toString('base64'));
    const db = new SQLite(join(place, 'doorkeep.db'));
    db.pragma('journal_mode = WAL');
    db.exec('CREATE TABLE camera (source TEXT)');
    db.prepare('INSERT INTO camera VALUES (?)').run(encodeURIComponent(secret));
    const found = inFolders(planted, [place]).hits.sort();
    db.close();
    expect(found).toEqual(
      ['History', 'core.1', 'doorkeep.db-wal', 'log'].map((name) => `${name}: planted`),
    );
    expect(dumpsIn(place)).toEqual(['core.1']);

    const looking = new ProcessWatch();
    const program = 'process.stderr.write(`no ${process.env.PLANTED}`)';
    const child = spawn(process.execPath, ['-e', program, secret], {
      ...{ env: { PLANTED: secret }, stdio: ['ignore', 'ignore', 'pipe'] },
    });
    looking.watch(child.pid!);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await once(child, 'close');
    looking.stop();
    expect(inTexts(planted, { child: stderr }).hits).toEqual(['child: planted']);
    expect(new Set(inProcesses(planted, looking).hits)).toEqual(
      new Set(['arguments: planted', 'environment: planted']),
    );
    rmSync(place, { recursive: true });

    const leaking = createServer((_request, response) => {
      response.writeHead(200, { 'set-cookie': `planted=${encodeURIComponent(secret)}` }).end();
    });
    await new Promise<void>((resolve) => leaking.listen(0, '127.0.0.1', resolve));
    const between = await RecordingProxy.start((leaking.address() as AddressInfo).port);
    await fetch(`${between.baseUrl}/api/cameras/0123456789abcdef?of=${encodeURIComponent(secret)}`);
    expect(inAnswers(planted, between).hits).toEqual(['GET /api/cameras/{id}: planted']);
    expect(inTexts(planted, { asked: between.asked.join('\n') }).hits).toEqual(['asked: planted']);
    await between.close();
    leaking.close();
  });

  it('go through a whole day', { timeout: DAY_WITHIN_MS }, async () => {
    const mistyped = newCanary(' mistyped ');
    canaries.add('mistyped password', mistyped);
    canaries.addBytes('box key', readFileSync(join(server.dataPath, 'keys', 'box.key')));
    const token = readFileSync(join(server.dataPath, 'keys', 'metrics-token'), 'utf8').trim();
    addToken('metrics token', token);
    used.metrics = token;
    const code = readFileSync(join(server.dataPath, 'setup-token'), 'utf8').trim();
    addToken('set-up code', code);
    used.code = code;

    const context = await startProfile(profile, SIZES[1]!);
    const other = await startProfile(otherProfile, SIZES[1]!);
    try {
      const owner = await CanaryVisit.begin(context, proxy.baseUrl, person);
      const recoveryKey = await owner.setUp(code, OWNER, password);
      addIdentity('recovery key', recoveryKey);
      const id = await owner.addFirstCamera(camera, mistyped);
      const { username, password: basicPassword } = basicCamera.login.account;
      const source = { type: 'rtsp', url: basicCamera.url('/main'), username };
      await owner.call('POST', '/api/cameras', 201, {
        ...{ name: 'Garden', sound: false, source: { ...source, password: basicPassword } },
      });
      const stretch = await owner.untilRecorded(id, 6);
      await owner.watchPast(id, stretch);
      await owner.takeCopy(stretch, mistyped, password);
      await owner.call('GET', `/api/cameras/${id}`, 200);
      addToken('access token', await owner.letProgramIn('Heating', password));
      const backup = await owner.takeBackup(password);
      await owner.lockAndUnlock([id, stretch], mistyped, password);
      await owner.keepThisPhone(password);
      const invitation = await owner.invite(MEMBER, password);
      addToken('invitation', invitation);
      used.invitation = invitation;

      const memberPassword = newCanary(' member ');
      canaries.add('member’s password', memberPassword);
      const member = await CanaryVisit.begin(other, proxy.baseUrl, person);
      await member.comeIn(invitation, memberPassword, id);
      await member.call('POST', '/api/session/live-only', 204);
      const planted = newCanary(AWKWARD);
      canaries.add(PLANTED_IN_PAGE, planted);
      await member.page.evaluate((text) => {
        localStorage.setItem('planted', text);
      }, planted);

      await usePrograms(id, token);
      await owner.signOut();
      const newPassword = newCanary(' recovered ');
      canaries.add('new password', newPassword);
      await owner.recover(OWNER, recoveryKey, newPassword);
      const made = await owner.call<{ recoveryKey: string }>('POST', '/api/keys', 201, {
        password: newPassword,
      });
      addIdentity('new recovery key', made.recoveryKey);
      const passwords = [newPassword, memberPassword].map((each) => Buffer.from(each));
      for (const wrap of household().wraps) {
        for (const each of passwords) {
          const identity = await openMemberIdentity(wrap, Buffer.from(each));
          if (identity !== undefined) addIdentity('identity of a member', identity);
        }
      }
      await runCommands(backup, recoveryKey, made.recoveryKey);
      note('while it runs: open files', openFiles());
      await crashChildren();
      const { keptPhones } = await owner.call<KeyHolders>('GET', '/api/keys', 200);
      expect(keptPhones).toEqual([]);
      await owner.signOut();
    } finally {
      await context.close();
      await other.close();
    }
    for (const [name, value] of cookiesGiven()) {
      addToken(name === 'doorkeep' ? 'session' : 'kept phone', value);
    }
    const gapMs = Math.round(watch.longestGapMs);
    process.stdout.write(`${String(watch.looks)} looks, at most ${String(gapMs)} ms apart\n`);
  });

  /** Two programs with rights, and one that guesses. */
  async function usePrograms(id: string, token: string): Promise<void> {
    const ask = (path: string, bearer: string): Promise<Response> =>
      fetch(proxy.baseUrl + path, { headers: { authorization: `Bearer ${bearer}` } });
    expect((await ask('/api/metrics', token)).status).toBe(200);
    expect((await ask(`/api/cameras/${id}/snapshot`, token)).status).toBe(401);
    expect((await ask('/api/cameras', token)).status).toBe(401);
  }

  async function runCommands(backup: string, key: string, newKey: string): Promise<void> {
    const { dataPath } = server;
    const [segment] = readIndex(dataPath).segments;
    const identity = join(person, 'newest-sheet.txt');
    writeFileSync(identity, `${newKey}\n`, { mode: 0o600 });
    await command(['fsck'], dataPath);
    await command(['privacy', 'report', '--json'], dataPath);
    await command(['backup', '--out', join(person, 'by-command.age')], dataPath);
    await command(['audit', 'verify', '--identity', identity], dataPath);
    await command(['unseal', segment!.path, '--out', person], dataPath, key);
    await command(['restore', backup], join(folder, 'restored'), key);
  }

  function openFiles(): PlaceReport {
    return inFiles(canaries, openFilesOf(withDescendants(server.pid)));
  }

  /** An ffmpeg and the key process, each while it has what it has. */
  async function crashChildren(): Promise<void> {
    const [ffmpeg] = ffmpegsOf(server.pid);
    const keys = keyProcess();
    expect([ffmpeg?.pid, keys]).toEqual([expect.any(Number), expect.any(Number)]);
    for (const pid of withDescendants(server.pid)) {
      const filter = readFileSync(`/proc/${String(pid)}/coredump_filter`, 'utf8');
      expect([pid, Number.parseInt(filter, 16)]).toEqual([pid, 0]);
    }
    process.kill(ffmpeg!.pid, 'SIGSEGV');
    process.kill(keys!, 'SIGABRT');
    const gone = (): boolean => !childrenOf(server.pid).some(({ pid }) => pid === keys);
    await until(gone, { withinMs: ENDS_WITHIN_MS, what: 'the end of the key process' });
    await until(() => ffmpegsOf(server.pid).filter(({ pid }) => pid !== ffmpeg!.pid).length > 1, {
      ...{ withinMs: ENDS_WITHIN_MS, what: 'another ffmpeg' },
    });
  }

  /** Names and values of all cookies that the server ever gave. */
  function cookiesGiven(): [string, string][] {
    const lines = proxy.answers.flatMap(({ head }) => head.split('\r\n'));
    return lines.flatMap((line) => {
      const [, name, value] = /^set-cookie: ([\w-]+)=([\w-]{43});/i.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value] as [string, string]];
    });
  }

  it('are given out by these answers, and by no other', () => {
    expect(canaries.names.length).toBeGreaterThan(15);
    expect(proxy.answers.length).toBeGreaterThan(100);
    expect(note('answers', inAnswers(canaries, proxy))).toEqual([...HANDED_OUT].sort());
  });

  it('are in no address, and in no Referer', () => {
    expect(note('addresses', inTexts(canaries, { asked: proxy.asked.join('\n') }))).toEqual([]);
  });

  it('are in the data folder only where they lie by design', () => {
    const { dataPath } = server;
    expect(note('data folder', inFolders(canaries, [dataPath])).sort()).toEqual(IN_DATA_FOLDER);
    const restored = note('restored', inFolders(canaries, [join(folder, 'restored')]));
    expect(restored).toEqual(['keys/box.key: box key']);
    expect(measured['while it runs: open files']).toMatchObject({ hits: '' });
    expect(measured['while it runs: open files']!.places).toBeGreaterThan(2);
    expect(note('temporary files', inFolders(canaries, [temporary]))).toEqual([]);
  });

  /** The status with which this is refused. */
  async function refusalOf(path: string, body: object): Promise<number> {
    return (
      await fetch(server.baseUrl + path, {
        ...{ method: 'POST', body: JSON.stringify(body) },
        headers: { 'content-type': 'application/json' },
      })
    ).status;
  }

  it('are in no profile of a browser, but for the cookie that keeps it signed in, and used links', async () => {
    const [mine, theirs] = [profile, otherProfile].map((path) => {
      const isJar = (file: string): boolean => file.endsWith('/Cookies');
      return filesBelow(path).filter(isJar).flatMap(cookiesIn);
    }) as [ReturnType<typeof cookiesIn>, ReturnType<typeof cookiesIn>];
    // A browser writes down every address that it was led to, before a page can do anything about it.
    expect(secretsIn(note('profile of the owner', inFolders(canaries, [profile])))).toEqual([
      'set-up code',
    ]);
    const others = note('profile of the member', inFolders(canaries, [otherProfile]));
    expect(secretsIn(others)).toEqual(['invitation', PLANTED_IN_PAGE]);
    // And by then they open nothing.
    expect(
      await refusalOf('/api/setup', { setupToken: used.code, username: OWNER, password }),
    ).toBe(409);
    expect(await refusalOf('/api/invitations/look', { secret: used.invitation })).toBe(401);
    // As Chromium keeps cookies where it has no keyring: who has the file can read them.
    const kept = new CanarySecrets();
    for (const [name, value] of cookiesGiven()) {
      kept.addBytes(name, asChromiumKeeps(value, '127.0.0.1'));
    }
    expect(theirs.map(({ name }) => name)).toEqual(['doorkeep']);
    expect(inFolders(kept, [otherProfile]).hits).toEqual([
      expect.stringMatching(/\bCookies: doorkeep$/),
    ]);
    // Signed out: gone from the file, its free pages included. The phone stayed kept until the recovery made
    // the box forget it; this browser throws its secret away when it next asks for the past.
    expect(mine.map(({ name }) => name)).toEqual(['doorkeep-kept']);
    expect(secretsIn(inFolders(kept, [profile]).hits)).toEqual(['doorkeep-kept']);
  });

  /** Starts the server again with something wrong in it, and with all the reports of Node.js. */
  async function startWith(defect: string, known: string): Promise<void> {
    const plan = join(person, 'defect.json');
    const { username } = camera.login.account;
    writeFileSync(plan, JSON.stringify([username, cameraPassword, known]));
    const preload = join(person, 'defect.mjs');
    writeFileSync(preload, preloadOf(defect, plan));
    const options = [
      ...[`--import=${preload}`, `--report-directory=${reports}`, '--report-on-fatalerror'],
      ...['--report-on-signal', '--report-signal=SIGUSR2', '--report-uncaught-exception'],
    ];
    const env = { TMPDIR: temporary, NODE_OPTIONS: options.join(' ') };
    const { dataPath } = server;
    const start = defect === CANNOT_LISTEN ? 'spawn' : 'start';
    server = await DoorkeepServer[start]({ dataPath, through: inCrashFolder(), env });
    watch.watch(server.pid);
  }

  it('are in no crash', { timeout: DAY_WITHIN_MS }, async () => {
    const dumpsTo = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
    const limits = readFileSync(`/proc/${String(server.pid)}/limits`, 'utf8');
    process.kill(server.pid, 'SIGABRT');
    await server.ended();
    printed['server'] = server.output;
    await startWith(DEFECT, cameraPassword);
    await until(() => camera.clients('/main') > 0, {
      ...{ withinMs: ENDS_WITHIN_MS, what: 'a camera that is recorded' },
    });
    process.kill(server.pid, 'SIGUSR2');
    await until(() => filesBelow(reports).length > 0, {
      ...{ withinMs: ENDS_WITHIN_MS, what: 'a report of Node.js' },
    });
    process.kill(server.pid, 'SIGPWR');
    expect(await server.ended()).toBe(1);
    printed['server with a defect'] = server.output;
    expect(server.output).toContain('planted defect');
    await startWith(CANNOT_LISTEN, used.metrics);
    expect(await server.ended()).toBe(1);
    printed['server that cannot start'] = server.output;
    expect(server.output).toContain('planted defect');
    if (dumpsTo === 'core' && /Max core file size +unlimited/.test(limits)) {
      const dumps = dumpsIn(crashes);
      expect(dumps.length).toBeGreaterThan(0);
      expect(statSync(join(crashes, dumps[0]!)).size).toBeGreaterThan(0);
    } else process.stdout.write(`No dump was to be had here (${dumpsTo}): none was searched.\n`);
    expect(note('dumps and reports', inFolders(canaries, [crashes, reports]))).toEqual([]);
  });

  it('are printed by nothing, but for the set-up code, which the first start shows', () => {
    expect(note('logs', inTexts(canaries, printed))).toEqual(['server: set-up code']);
    const lines = printed['server']!.split('\n').filter((line) => canaries.in(line).length > 0);
    // The two lines that are there to show it, and none of the log.
    expect(lines).toEqual([
      expect.stringMatching(/^To set it up, use this code once: [\w-]{43}$/),
      expect.stringMatching(/^ {2}or open http:\S+#code=[\w-]{43}$/),
    ]);
  });

  it('are in no argument and in no environment of any process of the run', () => {
    watch.stop();
    const programs = watch.seen.map(({ argv }) => argv.replaceAll('\0', ' '));
    for (const program of [/ffmpeg.*rtsp:/, /ffmpeg.*mjpeg/, /key-worker/, /unseal/, /restore/]) {
      expect(programs.some((argv) => program.test(argv))).toBe(true);
    }
    expect(note('arguments and environments', inProcesses(canaries, watch))).toEqual([]);
  });
});

/** Each once, without the place. */
function secretsIn(hits: readonly string[]): string[] {
  return [...new Set(hits.map((hit) => hit.slice(hit.lastIndexOf(': ') + 2)))].sort();
}
