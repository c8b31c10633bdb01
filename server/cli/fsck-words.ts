/** What `fsck` says of each finding: what it means, and what to do. Pure. */
import type { Finding, Invariant } from '../storage/check.ts';
import type { SegmentPlace } from '../storage/segments.ts';

/** One invariant that does not hold, for a person. */
interface Words {
  readonly what: string;
  readonly todo: string;
}

/** Where a repair is a matter of rows and files that never counted, `--repair` does it. */
const REPAIR = 'Stop the server and run fsck --repair.';
const REPORT = 'Footage is not in danger by it. Please report it: it is a defect of Doorkeep.';

const WORDS: Readonly<Record<Invariant, Words>> = {
  'row-has-bytes': {
    what: 'The file has fewer bytes than the index counts, or is gone.',
    todo: 'Check the disk. Put the file back from a copy of the footage folder; the rest plays.',
  },
  'finished-or-tail': {
    what: 'The file has more bytes than the index counts, and nothing says that it is unfinished.',
    todo: 'It plays. If doorkeep.db came from a backup, that is why; otherwise check the disk.',
  },
  'parts-contiguous': {
    what: 'The index does not say without a break where the parts of the segment lie.',
    todo: 'Open the file with unseal; put doorkeep.db back from a backup if there are many.',
  },
  'key-first': { what: 'The segment does not begin with a key frame.', todo: REPORT },
  'segment-length': { what: 'The segment is longer than a minute.', todo: REPORT },
  'times-ascend': {
    what: 'The segment begins before the one before it ended.',
    todo: REPORT,
  },
  'gap-without-footage': {
    what: 'A gap covers time of which there is footage.',
    todo: REPORT,
  },
  'file-has-row': {
    what: 'A file of footage lies there that the index does not know.',
    todo: `${REPAIR} It comes back with an unlock, unless its camera or its household is gone.`,
  },
  'new-run-new-folder': {
    what: 'A folder has a number that the index has not given yet.',
    todo: 'Start the server once: it counts on from there.',
  },
  'one-stray-file': {
    what: 'A file or tail lies there that the index does not know.',
    todo: `${REPAIR} What may be footage of a lost index stays; unseal opens it.`,
  },
};

/** Where a finding is. */
export function placeWords({ cameraId, place, gapFromMs }: Finding): string {
  const camera = `camera ${cameraId}`;
  if (place !== undefined) {
    return `${camera}, run ${place.runId}, segment ${place.sequence}`;
  }
  if (gapFromMs === undefined) return camera;
  return `${camera}, gap from ${new Date(gapFromMs).toISOString()}`;
}

/** What is no finding, and worth knowing. */
export function noteLines(notes: {
  readonly indexPending: boolean;
  readonly quarantined: readonly SegmentPlace[];
}): string[] {
  const files = notes.quarantined.map(
    ({ cameraId, runId, sequence }) =>
      `  camera ${cameraId}, run ${String(runId)}, segment ${String(sequence)}`,
  );
  return [
    ...(notes.indexPending
      ? ['The index is not complete: the rest is read when somebody unlocks in the page.']
      : []),
    ...(files.length === 0
      ? []
      : [
          `Damaged, in the folder quarantine: ${String(files.length)}. unseal shows what is whole.`,
        ]),
    ...files,
  ];
}

/** A finding as lines. */
export function findingLines(finding: Finding): string[] {
  const { what, todo } = WORDS[finding.invariant];
  return [`${finding.invariant}: ${placeWords(finding)}`, `  ${what}`, `  → ${todo}`];
}

/** A finding as `--json` has it. */
export function findingJson(finding: Finding): object {
  const { invariant, cameraId, place, gapFromMs } = finding;
  const { what, todo } = WORDS[invariant];
  return {
    ...{ invariant, camera: cameraId },
    ...(place !== undefined && { run: place.runId, sequence: place.sequence }),
    ...(gapFromMs !== undefined && { gapFrom: new Date(gapFromMs).toISOString() }),
    ...{ what, todo },
  };
}
