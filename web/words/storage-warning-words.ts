/** What is about to be lost, or is being lost: what happened, what it means, what to do. Pure. */
import type { StorageWarning } from '../../server/contract/storage.ts';
import { sizeInWords } from './size-words.ts';
import { keptWords } from './storage-words.ts';

/** `isLoss`: footage is being lost now. */
export interface WarningWords {
  readonly sentence: string;
  readonly hint: string;
  readonly isLoss: boolean;
}

/** `nameOf` answers what a camera is called. */
export function warningWords(
  warning: StorageWarning,
  nameOf: (cameraId: string) => string,
): WarningWords {
  switch (warning.kind) {
    case 'short-history': {
      const wanted = keptWords(warning.days);
      return {
        sentence: `Too little room for ${nameOf(warning.camera)}.`,
        hint: `It keeps ${keptWords(warning.keepsDays)}, not the ${wanted} you set. Raise its gigabytes, keep other cameras shorter, or use a larger disk.`,
        isLoss: false,
      };
    }
    case 'protected-fills-disk': {
      const taken = sizeInWords(warning.protectedBytes);
      return {
        sentence: 'Protected footage fills the disk.',
        hint: `It takes ${taken} of the ${sizeInWords(warning.roomBytes)} there is room for; the rest is kept for ${keptWords(warning.keepsDays)}. Let go of what nobody needs, or take it out.`,
        isLoss: false,
      };
    }
    case 'disk-full':
      return {
        sentence: 'The disk is full, and nothing is left to delete.',
        hint: 'New footage is lost from now on. Let go of protected footage, or make room on the disk.',
        isLoss: true,
      };
    case 'wrong-disk':
      return {
        sentence: 'The disk for footage is not the one that was there.',
        hint: 'Nothing is written to it, so nothing is recorded. Put back the disk that was there.',
        isLoss: true,
      };
  }
}
