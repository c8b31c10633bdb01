/** Entries of the record as a person reads them. Pure. */
import type { AuditEntry, AuditFindingName, AuditKind } from '../../server/contract/audit.ts';
import type { PresentViewer } from '../../server/contract/presence.ts';
import { clockTime, lengthOfTime } from './time-words.ts';

/** What was done, after the name of who did it. `{camera}` is its name, `{name}` whom it is about. */
const DONE: Readonly<Record<AuditKind, string>> = {
  'set-up': 'set the box up',
  'signed-in': 'signed in',
  'sign-in-refused': 'tried to come in, with a wrong password',
  'signed-out': 'signed out',
  unlocked: 'opened the past',
  locked: 'locked the past',
  'unlock-ended': 'left the past open, and it locked by itself',
  'password-recovered': 'set a new password with the recovery sheet',
  'new-key': 'made a new key',
  'phone-kept': 'keeps a phone unlocked',
  'phone-forgotten': 'keeps a phone unlocked no longer',
  'wall-screen-made': 'made a wall screen',
  'live-begun': 'began to watch {camera}',
  'live-ended': 'stopped watching {camera}',
  'past-viewed': 'looked at the past of {camera}',
  'moment-viewed': 'looked at a ring or visit at {camera}',
  'picture-taken': 'looked at pictures of {camera}',
  'export-asked': 'asked for a copy of {camera}',
  'export-fetched': 'fetched a copy',
  'export-deleted': 'deleted a copy',
  'backup-made': 'made a backup',
  'backup-fetched': 'fetched a backup',
  'settings-changed': 'changed the settings',
  'clock-set': 'compared or set the clock',
  'camera-tested': 'tried a camera',
  'camera-added': 'added {camera}',
  'camera-changed': 'changed {camera}',
  'camera-removed': 'removed {camera}',
  'range-protected': 'protected footage of {camera}',
  'range-released': 'ended a protection',
  'limits-changed': 'changed how long {camera} is kept',
  'person-invited': 'invited {name}',
  'invitation-ended': 'took back the invitation of {name}',
  'person-joined': 'joined this household',
  'person-changed': 'changed what {name} may do',
  'person-removed': 'removed {name}',
  'password-changed': 'set a new password',
  'token-made': 'gave a program a right',
  'token-ended': 'took a right of a program back',
  'connection-refused': 'was not let out to another address',
  'box-started': 'started',
  'box-stopped': 'stopped',
  'disk-accepted': 'took another disk',
  'index-rebuilt': 'made its list of footage anew',
  'record-begun': 'began this record',
  'record-bound': 'bound this record to the household’s key',
  'record-resumed': 'went on with this record',
  'record-missing': 'found entries of this record missing',
  'record-pruned': 'let the oldest entries of this record go',
};

/** For the list to choose from: kinds that belong together. */
export const KIND_CHOICES: readonly { readonly value: AuditKind | ''; readonly word: string }[] = [
  { value: '', word: 'Everything' },
  { value: 'past-viewed', word: 'Looked at the past' },
  { value: 'live-begun', word: 'Watched live' },
  { value: 'signed-in', word: 'Signed in' },
  { value: 'sign-in-refused', word: 'Wrong passwords' },
  { value: 'unlocked', word: 'Opened the past' },
  { value: 'export-fetched', word: 'Fetched copies' },
  { value: 'settings-changed', word: 'Settings' },
  { value: 'connection-refused', word: 'Not let out' },
  { value: 'box-started', word: 'Starts of the box' },
];

/** "Ada looked at the past of Front door". `nameOf`: what a camera is called now. */
export function entryWords(entry: AuditEntry, nameOf: (camera: string) => string): string {
  const camera = entry.details?.camera ?? (entry.camera === null ? '' : nameOf(entry.camera));
  const done = DONE[entry.kind]
    .replace('{camera}', camera === '' ? 'a camera' : camera)
    .replace('{name}', entry.details?.name ?? 'somebody');
  return `${whoWords(entry)} ${done}`;
}

function whoWords({ who, isBox, details }: AuditEntry): string {
  if (isBox) return 'The box';
  if (who === '') return 'Somebody';
  return details?.name === 'wall screen' ? `The wall screen of ${who}` : who;
}

/** The rest of it: from when to when, how often, from where. Empty where there is nothing. */
export function detailWords({ details, detailsState, note }: AuditEntry): string {
  if (detailsState === 'locked') return 'More opens with your password.';
  if (detailsState === 'forgotten') return 'The details of this day were forgotten.';
  if (detailsState === 'damaged') return 'The details cannot be read: they were changed.';
  if (note?.why === 'restored') return 'A backup was put back here. What came after it is gone.';
  if (note?.why === 'key-lost') return 'Its key was gone. Nobody can vouch for what was before.';
  if (note?.from !== undefined && note.to !== undefined && note.why === 'rows-lost') {
    return `Entries ${String(note.from)} to ${String(note.to)} are not there any more.`;
  }
  if (details === null) return '';
  const { from, to, count, seconds, address, target, name, fields } = details;
  return [
    from !== undefined && to !== undefined
      ? `${clockTime(Date.parse(from))} to ${clockTime(Date.parse(to))}`
      : '',
    seconds === undefined ? '' : `after ${lengthOfTime(seconds * 1_000)}`,
    count === undefined ? '' : `${String(count)} more times`,
    name === undefined || name === 'wall screen' ? '' : `as “${name}”`,
    fields === undefined ? '' : fields.join(', '),
    address === undefined ? '' : `from ${address}`,
    target === undefined ? '' : `to ${target}`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** What a check found, after "Entry 12". */
export const FINDING_WORDS: Readonly<Record<AuditFindingName, string>> = {
  'entry-changed': 'was changed afterwards.',
  'entry-not-ours': 'was not written by this box.',
  'entries-missing': 'is missing.',
  'beginning-missing': 'and what follows it are missing at the beginning.',
  'end-missing': 'and what followed it were cut off.',
  'end-not-ours': 'does not fit to the key that comes next.',
  'pruned-too-much': 'says that more was let go than may be.',
  'key-lost': 'comes after the key of the record was lost.',
  'from-the-future': 'is from the future.',
  'not-checkable': 'was written before anybody had opened the past.',
};

/** "Ada", "Wall screen of Ada". */
export function watcherName({ user, wallScreen }: PresentViewer): string {
  return wallScreen ? `Wall screen of ${user}` : user;
}

/** One or two letters: of two words the first of each. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/u);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  // The first code point: half of one is no letter.
  return letters.map((word) => /^./u.exec(word ?? '')?.[0].toUpperCase() ?? '').join('');
}

/** "Ada looks at the past of Front door". */
export function watcherWords(viewer: PresentViewer, nameOf: (camera: string) => string): string {
  const names = viewer.cameras.map((camera) => nameOf(camera) || 'a camera').join(', ');
  const what = viewer.what === 'live' ? `watches ${names} live` : `looks at the past of ${names}`;
  return `${watcherName(viewer)} ${what}`;
}
