/** What the privacy page says of connections. Every sentence carries the field that it was made from. Pure but
 * for the zone. */
import type { Privacy } from '../../server/contract/privacy.ts';
import { clockTime, dayName, startOfDay } from './time-words.ts';

/** One sentence. `source`: the field of an answer, or the page of the manual, that it was made from. */
export interface Fact {
  readonly text: string;
  readonly source: string;
  /** `alarm`: a promise is not in force. */
  readonly tone?: 'alarm';
}

/** Somebody the box spoke to, however many ports and attempts that took. */
export interface SpokenTo {
  readonly key: string;
  readonly name: string;
  readonly address: string;
  readonly lastMs: number;
  readonly isOpen: boolean;
}

/** A program outside Doorkeep that gets pictures, because the owner opened it by hand. */
export interface OpenDoor {
  readonly name: string;
  /** What the camera is called; undefined: all of them. */
  readonly camera: string | undefined;
}

const DAY_MS = 86_400_000;

/** Everybody the box spoke to, the latest first. A camera that was tried before it was added is the same one. */
export function spokenTo({ destinations, connections }: Privacy): SpokenTo[] {
  const owners = new Map(
    destinations.flatMap(({ address, camera }) => (camera === null ? [] : [[address, camera]])),
  );
  const found = new Map<string, SpokenTo>();
  const open = new Set(connections.map(({ address, port }) => `${address} ${String(port)}`));
  for (const { address, port, camera, lastAt } of destinations) {
    const owner = camera ?? owners.get(address);
    const key = owner?.id ?? address;
    const before = found.get(key);
    const lastMs = Date.parse(lastAt);
    const isLater = before === undefined || before.lastMs < lastMs;
    found.set(key, {
      key,
      name: owner?.name ?? 'A camera tried or removed',
      address: isLater ? address : before.address,
      lastMs: Math.max(lastMs, before?.lastMs ?? 0),
      isOpen: (before?.isOpen ?? false) || open.has(`${address} ${String(port)}`),
    });
  }
  return [...found.values()].toSorted((a, b) => b.lastMs - a.lastMs);
}

/** The first line: what a person should know who reads nothing else. The worst comes first. */
export function firstLine(
  privacy: Privacy,
  doors: readonly OpenDoor[],
  nowMs: number,
): readonly Fact[] {
  return [
    ...layerFacts(privacy, nowMs).filter(({ tone }) => tone === 'alarm'),
    ...spokenFacts(privacy, nowMs),
    refusedFact(privacy),
    ...(doors.length === 0 ? [] : [{ text: doorsWords(doors), source: 'tokens' }]),
  ];
}

function spokenFacts(privacy: Privacy, nowMs: number): Fact[] {
  const all = spokenTo(privacy);
  const source = 'privacy.destinations';
  if (all.length === 0) return [{ source, text: 'This box has spoken to no device yet.' }];
  const since = sinceWords(
    Math.min(
      ...[...privacy.destinations, ...privacy.refused].map(({ firstAt }) => Date.parse(firstAt)),
    ),
    nowMs,
  );
  const many = all.length === 1 ? '1 device' : `${String(all.length)} devices`;
  const away = privacy.destinations.filter(({ isAtHome }) => !isAtHome);
  const [first] = away;
  if (first !== undefined) {
    const text = `${since} this box spoke to ${many}. ${first.address} is not inside your home.`;
    return [{ source, tone: 'alarm', text }];
  }
  const where = all.length === 1 ? 'inside your home' : 'all inside your home';
  return [{ source, text: `${since} this box spoke to ${many}, ${where}.` }];
}

function refusedFact({ refused }: Privacy): Fact {
  const [newest] = refused;
  const source = 'privacy.refused';
  if (newest === undefined) return { source, text: 'Nothing else was tried.' };
  const others = refused.length - 1;
  const more =
    others === 0
      ? ''
      : others === 1
        ? ' 1 other attempt was refused; it is listed below.'
        : ` ${String(others)} other attempts were refused; they are listed below.`;
  return { source, text: `${newest.sentence}${more}` };
}

function doorsWords(doors: readonly OpenDoor[]): string {
  const [first] = doors;
  if (doors.length === 1 && first !== undefined) return `1 door is open: ${doorWords(first)}`;
  return `${String(doors.length)} doors are open to programs that get pictures.`;
}

/** "Home Assistant gets pictures of Porch." */
export function doorWords({ name, camera }: OpenDoor): string {
  return `${name} gets pictures of ${camera ?? 'every camera'}.`;
}

/** What keeps connections in, one sentence for the program and one for the kernel below it. */
export function layerFacts({ layers, kernelTry }: Privacy, nowMs: number): Fact[] {
  const source = 'privacy.layers';
  const guard = layers.find(({ name }) => name === 'guard')?.state ?? 'absent';
  const kernel = layers.filter(({ name }) => name !== 'guard');
  const tried = kernelTry === null ? undefined : timeWords(Date.parse(kernelTry.at), nowMs);
  const inside: Fact =
    guard === 'active'
      ? { source, text: 'The guard inside Doorkeep runs and turns away all else.' }
      : { source, tone: 'alarm', text: 'The promise does not hold: Doorkeep’s guard is off.' };
  return [inside, kernelFact()];

  function kernelFact(): Fact {
    if (kernel.some(({ state }) => state === 'broken')) {
      const when = tried === undefined ? '' : `: a test packet got out ${tried}`;
      return {
        source,
        tone: 'alarm',
        text: `The kernel should keep packets in and does not${when}.`,
      };
    }
    const active = kernel.find(({ state }) => state === 'active');
    if (active !== undefined) {
      const when = tried === undefined ? '' : ` ${tried}`;
      return { source, text: `The kernel below it stopped a test packet${when}.` };
    }
    if (kernel.some(({ state }) => state === 'untried')) {
      const why =
        tried === undefined ? 'Nobody has tried it yet' : 'There was no way out to try it';
      return { source, text: `The kernel below it was told to help. ${why}.` };
    }
    const why = kernelTry?.v4 === 'left' || kernelTry?.v6 === 'left';
    return why
      ? {
          source,
          text: `The kernel below it was not set up to help. A test packet got out ${tried ?? ''}.`,
        }
      : { source, text: 'The kernel below it was not set up to help.' };
  }
}

/** What a press of "Try it now" brought. */
export function triedFact({ kernelTry }: Privacy, nowMs: number): Fact {
  const source = 'privacy.kernelTry';
  if (kernelTry === null) return { source, text: 'Not tried yet.' };
  const { v4, v6, at } = kernelTry;
  const when = `Tried ${timeWords(Date.parse(at), nowMs)}: `;
  if (v4 === 'left' || v6 === 'left') {
    return { source, text: `${when}the kernel let a test packet out. Only the guard holds.` };
  }
  if (v4 === 'refused' || v6 === 'refused') {
    return { source, text: `${when}the kernel stopped the test packet.` };
  }
  return { source, text: `${when}this box has no way out to try.` };
}

/** "Front door at 192.168.1.20, spoken to now." */
export function spokenWords({ name, address, lastMs, isOpen }: SpokenTo, nowMs: number): string {
  return `${name} at ${address}, ${isOpen ? 'spoken to now' : `last ${timeWords(lastMs, nowMs)}`}.`;
}

/** "today 14:02", "yesterday 9:00", "Tuesday 14:02", "12 November 14:02". */
export function timeWords(ms: number, nowMs: number): string {
  return `${dayWords(ms, nowMs)} ${clockTime(ms)}`;
}

function sinceWords(ms: number, nowMs: number): string {
  const day = dayWords(ms, nowMs);
  return day === 'today' ? `Since ${clockTime(ms)} today` : `Since ${day}`;
}

function dayWords(ms: number, nowMs: number): string {
  const days = Math.round((startOfDay(nowMs) - startOfDay(ms)) / DAY_MS);
  if (days >= 0 && days < 2) return dayName(ms, nowMs).toLowerCase();
  const isNear = days > 0 && days < 7;
  const format: Intl.DateTimeFormatOptions = isNear
    ? { weekday: 'long' }
    : { day: 'numeric', month: 'long', ...(days > 300 && { year: 'numeric' }) };
  return new Intl.DateTimeFormat(undefined, format).format(ms);
}
