/** What the privacy page says of people, footage and limits. Pure but for the zone. */
import type { StorageUse } from '../../server/contract/storage.ts';
import { timeWords, type Fact } from './privacy-words.ts';
import { sizeInWords } from './size-words.ts';
import { nextWords, rateWords, reasonWords } from './storage-words.ts';

/** One look of one person, from the record. */
export interface Look {
  readonly who: string;
  readonly atMs: number;
  readonly what: 'live' | 'past' | 'copy';
}

/** One person's looks. */
export interface Lane {
  readonly who: string;
  readonly looks: readonly Look[];
}

/** How far back lanes go. */
export const LANE_DAYS = 7;

/** One lane for each who lives here or who looked, those who looked last first. */
export function lanesOf(people: readonly string[], looks: readonly Look[]): Lane[] {
  const names = [...new Set(looks.toSorted((a, b) => b.atMs - a.atMs).map(({ who }) => who))];
  const quiet = people.filter((name) => !names.includes(name));
  return [...names, ...quiet].map((who) => ({
    who,
    looks: looks.filter((look) => look.who === who),
  }));
}

/** "Ada looked at live 3 times and at the past once, last today 14:02." */
export function laneFact({ who, looks }: Lane, nowMs: number): Fact {
  const source = 'audit.entries';
  const lastMs = Math.max(...looks.map(({ atMs }) => atMs));
  if (looks.length === 0)
    return { source, text: `${who} has not looked these ${String(LANE_DAYS)} days.` };
  const parts = (['live', 'past', 'copy'] as const).flatMap((what) => {
    const count = looks.filter((look) => look.what === what).length;
    if (count === 0) return [];
    return [`${VERBS[what]} ${count === 1 ? 'once' : `${String(count)} times`}`];
  });
  const text = `${who} ${parts.join(', ')}. The last was ${timeWords(lastMs, nowMs)}.`;
  return { source, text };
}

const VERBS = { live: 'watched live', past: 'saw the past', copy: 'took a copy' } as const;

/** What is kept and when it goes, camera by camera. */
export function keptFacts(
  use: StorageUse,
  nowMs: number,
  nameOf: (camera: string) => string,
): Fact[] {
  const recorded = use.cameras.filter(({ bytes }) => bytes > 0);
  if (recorded.length === 0) return [{ source: 'storage.cameras', text: 'Nothing is kept yet.' }];
  return [
    ...recorded.map((each) => {
      const parts = [
        `${nameOf(each.camera)}: ${sizeInWords(each.bytes)}.`,
        ...[rateWords(each), nextWords(each, nowMs), reasonWords(each)],
      ];
      return { source: 'storage.cameras', text: parts.filter((part) => part !== '').join(' ') };
    }),
    {
      source: 'storage.locked',
      text: use.locked
        ? 'The past is locked here. It opens with a password.'
        : 'The past is open here. Lock closes it for all.',
    },
  ];
}

/** Of the manual that the sentences below come from. */
const GUARANTEE = 'docs/guarantee.md#what-it-does-not-promise';

/** What Doorkeep cannot do for the household. Never longer than two screens of a phone. */
export const CANNOT: readonly Fact[] = [
  'A court can order you to hand over footage. Officers can ask, or take the box. Then you know of it, and you decide.',
  'In the United States the law on forced passwords is not settled. What you no longer keep cannot be taken.',
  'A box that is taken while open can be read until it locks. One taken locked but running holds up to ten minutes.',
  'Who has a camera’s password can watch that camera. Change it after a theft.',
  'Doorkeep seals what is stored. It needs plain pictures in memory while it works.',
  'When and how much was recorded can be read by who has the disk, unless you seal the whole disk.',
  'A card in a camera holds plain footage. Most cameras send plain pictures through the home, and some call their maker. Turn that off, or block it at the router.',
  'Who has the recovery sheet can open footage with no trace in the record. Who runs the box as root can do all that root can do.',
  'A bad update could break each promise. So you fetch updates by hand, and they are signed.',
  'If you lose the sheet and all passwords, the footage is lost. Doorkeep cannot get it back.',
  'Doorkeep cannot take back copies that people have made.',
].map((text) => ({ text, source: GUARANTEE }));
