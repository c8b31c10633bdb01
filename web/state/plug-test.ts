/**
 * What the plug test looks at by itself, while the home is cut off from the Internet: a live picture, footage, and
 * a copy that is made and deleted again. How it ended is kept in this browser: it is about this home and says no
 * more than a date. The box keeps that it was tried (state/first-steps.ts), and takes that into no backup.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Camera } from '../../server/contract/camera.ts';
import type { Export, NewExport } from '../../server/contract/export.ts';
import type { Recordings } from '../../server/contract/recording.ts';
import { takeSnapshot } from '../api/camera-calls.ts';
import { browserClock, pause } from '../base/clock.ts';
import {
  copyWords,
  liveWords,
  pastWords,
  readPlugResult,
  type PlugCheck,
  type PlugResult,
} from '../words/plug-words.ts';
import { sizeInWords } from '../words/size-words.ts';
import { boxNowMs } from './box-time.ts';
import { ownerCall } from './owner-call.ts';

/** What was found and ticked so far. It outlives a look at another page, and not the page's end. */
export interface PlugWalk {
  readonly findings: Readonly<Partial<Record<PlugCheck, PlugFinding>>>;
  readonly ticks: Readonly<Partial<Record<PlugCheck | 'cut', boolean>>>;
}

/** What one check found. */
export interface PlugFinding {
  readonly went: boolean;
  /** What happened, and what it means. */
  readonly sentence: string;
}

const KEY = 'doorkeep-plug-test';

/** As far back as footage is looked for. */
const PAST_MS = 5 * 60_000;

/** So long is the copy. */
const COPY_MS = 4_000;

/** A copy of seconds is made in less. */
const COPY_LOOKS = 30;
const COPY_EVERY_MS = 500;

const kept = signal<PlugResult | undefined>(undefined);
const walked = signal<PlugWalk>({ findings: {}, ticks: {} });

/** See `PlugWalk`. */
export const plugWalk: ReadonlySignal<PlugWalk> = walked;

/** Notes what a check found. */
export function noteFinding(check: PlugCheck, finding: PlugFinding): void {
  const { findings, ticks } = walked.peek();
  walked.value = { ticks, findings: { ...findings, [check]: finding } };
}

/** Notes what the person says. */
export function tickPlug(name: PlugCheck | 'cut', isSeen: boolean): void {
  const { findings, ticks } = walked.peek();
  walked.value = { findings, ticks: { ...ticks, [name]: isSeen } };
}

/** How the last one ended, in this browser. */
export const plugResult: ReadonlySignal<PlugResult | undefined> = kept;

/** Reads what this browser remembers. */
export function rememberPlugTest(): void {
  kept.value = readPlugResult(localStorage.getItem(KEY));
}

/** Keeps how it ended. What the page saw and the person did too counts: one of them alone does not. */
export function endPlugTest(): void {
  const { findings, ticks } = walked.peek();
  const went = (check: PlugCheck): boolean =>
    findings[check]?.went === true && ticks[check] === true;
  kept.value = {
    atMs: browserClock.wallMs(),
    went: { live: went('live'), past: went('past'), copy: went('copy') },
  };
  localStorage.setItem(KEY, JSON.stringify(kept.value));
  walked.value = { findings: {}, ticks: {} };
}

/** A picture of now. */
export async function checkLive({ id, name }: Camera): Promise<PlugFinding> {
  const beganMs = browserClock.wallMs();
  const { jpeg } = await takeSnapshot(id);
  if (jpeg === undefined) return { went: false, sentence: `No picture came from ${name}.` };
  return { went: true, sentence: liveWords(name, browserClock.wallMs() - beganMs) };
}

/** The first piece of what was recorded last. */
export async function checkPast(camera: Camera): Promise<PlugFinding> {
  const range = await newest(camera);
  if (typeof range === 'string') return { went: false, sentence: range };
  const list = `/api/playback/${camera.id}.m3u8?${queryOf(range)}`;
  const playlist = await ownerCall('GET', list);
  if (!playlist.ok) return { went: false, sentence: playlist.trouble.sentence };
  const first = (await playlist.response.text()).split('\n').find(isAddress);
  if (first === undefined) return { went: false, sentence: 'The list of footage was empty.' };
  const address = new URL(first, new URL(list, location.href));
  const piece = await ownerCall('GET', `${address.pathname}${address.search}`);
  if (!piece.ok) return { went: false, sentence: piece.trouble.sentence };
  const { byteLength } = await piece.response.arrayBuffer();
  return { went: byteLength > 0, sentence: pastWords(camera.name, sizeInWords(byteLength)) };
}

/** Some seconds as a copy, which is deleted again. */
export async function checkCopy(camera: Camera, password: string): Promise<PlugFinding> {
  const range = await newest(camera);
  if (typeof range === 'string') return { went: false, sentence: range };
  const toMs = Date.parse(range.to);
  const from = new Date(Math.max(Date.parse(range.from), toMs - COPY_MS)).toISOString();
  const body: NewExport = { camera: camera.id, from, to: range.to, password };
  const asked = await ownerCall<Export>('POST', '/api/exports', { body });
  if (!asked.ok) return { went: false, sentence: asked.trouble.sentence };
  const made = await untilMade(asked.value);
  await ownerCall('DELETE', `/api/exports/${asked.value.id}`);
  if (made?.state !== 'done') return { went: false, sentence: 'The copy was not made.' };
  return { went: true, sentence: copyWords(camera.name, sizeInWords(made.sizeBytes ?? 0)) };
}

async function untilMade({ id }: Export): Promise<Export | undefined> {
  for (let look = 0; look < COPY_LOOKS; look += 1) {
    const outcome = await ownerCall<Export>('GET', `/api/exports/${id}`);
    if (!outcome.ok) return undefined;
    const { state } = outcome.value;
    if (state !== 'queued' && state !== 'running') return outcome.value;
    await pause(browserClock, COPY_EVERY_MS);
  }
  return undefined;
}

interface Stretch {
  readonly from: string;
  readonly to: string;
}

/** The newest stretch; words where there is none. */
async function newest({ id, name }: Camera): Promise<Stretch | string> {
  const toMs = boxNowMs();
  const window = { from: new Date(toMs - PAST_MS).toISOString(), to: new Date(toMs).toISOString() };
  const outcome = await ownerCall<Recordings>(
    'GET',
    `/api/recordings?camera=${id}&${queryOf(window)}`,
  );
  if (!outcome.ok) return outcome.trouble.sentence;
  return outcome.value.ranges.at(-1) ?? `Nothing was recorded of ${name} in the last 5 minutes.`;
}

function queryOf({ from, to }: Stretch): string {
  return new URLSearchParams({ from, to }).toString();
}

/** A line of a playlist that is no comment (RFC 8216 4.1). */
function isAddress(line: string): boolean {
  return line.trim() !== '' && !line.startsWith('#');
}
