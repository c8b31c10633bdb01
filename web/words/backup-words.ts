/** What is said about backups. Pure but for the zone. */
import type { Backup } from '../../server/contract/backup.ts';
import { sizeInWords } from './size-words.ts';
import { clockTime, dayName } from './time-words.ts';

/** What it is, before it is taken. */
export const BACKUP_IS =
  'Cameras, people, settings and keys in one sealed file. With it and the recovery sheet, another ' +
  'machine goes on where this one stopped.';

/** What it is not. */
export const FOOTAGE_IS_NOT_IN_IT =
  'Footage is not in it: copy the folder “footage” of the box as well, at any time, with any program.';

/** "Friday 27 November, 14:02". */
export function whenTaken({ takenAt }: Pick<Backup, 'takenAt'>, nowMs: number): string {
  const takenMs = Date.parse(takenAt);
  return `${dayName(takenMs, nowMs)}, ${clockTime(takenMs)}`;
}

/** By whom, how large, and which sheet opens it. `generation`: how many keys there were. */
export function aboutBackup(backup: Backup, generation: number | undefined): string {
  const { takenBy, sizeBytes, keyGeneration } = backup;
  const who = takenBy === null ? 'Taken at the command line' : `Taken by ${takenBy}`;
  const isOlder = generation !== undefined && keyGeneration < generation;
  const sheet = isOlder
    ? `It opens with an older sheet only, that of key ${String(keyGeneration)}: take a new one.`
    : 'It opens with your newest sheet.';
  return `${who}, ${sizeInWords(sizeBytes)}. ${sheet}`;
}

/** While it is on its way: "Sending: 12 MB of 40 MB." */
export function sendingWords(sentBytes: number, sizeBytes: number): string {
  if (sentBytes >= sizeBytes) return 'It has arrived. The box opens it and looks at every part.';
  return `Sending: ${sizeInWords(sentBytes)} of ${sizeInWords(sizeBytes)}.`;
}
