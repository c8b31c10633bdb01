/** What became of the list of recordings, as sentences for the owner. Pure. */
import type { IndexUse } from '../../server/contract/storage.ts';

/** Empty where all is as it should be. */
export function indexWords(index: IndexUse): string[] {
  const { complete, filesDone, filesTotal, quarantined, unopened, databasesSetAside } = index;
  const progress =
    filesTotal === 0
      ? 'What was recorded before comes back when you unlock.'
      : `${String(filesDone)} of ${String(filesTotal)} files of before are back.`;
  return [
    ...(complete ? [] : [`The list of recordings was lost. Recording goes on. ${progress}`]),
    ...(quarantined === 0
      ? []
      : [
          `${files(quarantined, 'is damaged and lies', 'are damaged and lie')} in the folder quarantine.`,
        ]),
    ...(unopened === 0
      ? []
      : [`${files(unopened, 'does', 'do')} not open with the key of this home.`]),
    ...databasesSetAside.map(
      (name) => `A damaged database was kept as ${name}. Delete it once you miss nothing.`,
    ),
  ];
}

function files(count: number, one: string, many: string): string {
  return count === 1 ? `1 file of footage ${one}` : `${String(count)} files of footage ${many}`;
}
