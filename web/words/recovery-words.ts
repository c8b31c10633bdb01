/** The recovery key as it is printed, typed back and typed in. Pure but for the time zone. */

/** What every key begins with; the box's library writes it so. */
const KEY_BEGINS = 'AGE-SECRET-KEY-1';

/** 256 bits and a checksum, five bits a character, behind the beginning. */
const KEY_CHARS = KEY_BEGINS.length + 58;

const GROUP_CHARS = 4;

/** What the sheet is for, in two sentences. */
export const SHEET_IS_FOR: readonly [string, string] = [
  'This key opens everything that was recorded, and lets you choose a new password when yours is lost.',
  'Keep it away from the box: whoever holds it can see it all, and nobody can make it again for you.',
];

/** The key in groups of four, counted from its end: the last group is what is typed back. The first
 * one is longer, it holds what all keys begin with. */
export function keyGroups(key: string): readonly string[] {
  const firstChars =
    KEY_BEGINS.length + ((key.length - KEY_BEGINS.length) % GROUP_CHARS || GROUP_CHARS);
  const groups = [key.slice(0, firstChars)];
  for (let at = firstChars; at < key.length; at += GROUP_CHARS) {
    groups.push(key.slice(at, at + GROUP_CHARS));
  }
  return groups;
}

/** A key as somebody typed it from paper: spaces and small letters do not matter. */
export function typedKey(text: string): string {
  return text.replaceAll(/\s/g, '').toUpperCase();
}

/** Whether somebody has the key in front of them. */
export function isEndOf(key: string, typed: string): boolean {
  return typedKey(typed) === key.slice(-GROUP_CHARS);
}

/** The help below the field while a key is being typed. */
export function keyHelp(typed: string): string {
  const key = typedKey(typed);
  const missing = KEY_CHARS - key.length;
  if (key === '') {
    return `It begins with ${KEY_BEGINS}. Spaces and small letters do not matter.`;
  }
  if (!key.startsWith(KEY_BEGINS.slice(0, key.length))) return `It begins with ${KEY_BEGINS}.`;
  if (missing > 0) return `${String(missing)} more character${missing === 1 ? '' : 's'}.`;
  return missing === 0 ? 'It is as long as it has to be.' : `${String(-missing)} too many.`;
}

/** What is written into the file that a person saves: as it is, age itself takes it too (lines that
 * begin with # are remarks to it). */
export function sheetText(sheet: {
  readonly key: string;
  readonly user: string;
  readonly day: string;
}): string {
  const [purpose, care] = SHEET_IS_FOR;
  return [
    `# Doorkeep, recovery sheet of ${sheet.user.replaceAll(/\s/g, ' ')}, ${sheet.day}`,
    `# ${purpose}`,
    `# ${care}`,
    `${sheet.key}\n`,
  ].join('\n');
}
