/** How this folder says that sealed bytes are not what was sealed. */
import { AppError } from '../base/errors.ts';

/** What is wrong with the bytes; stable, for metrics and for the list of damaged files. */
export type SealedReason =
  /** The header is longer than we read. */
  | 'header-too-large'
  /** The bytes end inside the header. */
  | 'header-truncated'
  /** The header is not the text of an age v1 header. */
  | 'header-format'
  /** The header was changed, or was sealed to somebody else: the two cannot be told apart. */
  | 'header-no-key'
  /** A chunk is not as long as its place in the file says. */
  | 'chunk-size'
  /** A chunk was changed, belongs elsewhere, or was sealed with another file key. */
  | 'chunk-changed'
  /** More chunks than we write or read. */
  | 'chunk-number';

/** An AppError of kind `corrupt`. `detail` is for engineers: places and numbers, no content. */
export function sealedCorrupt(reason: SealedReason, detail: string, cause?: unknown): AppError {
  return new AppError('corrupt', `sealed footage is damaged (${detail})`, {
    reason,
    hint: 'The rest of the footage stays readable; check the disk.',
    ...(cause === undefined ? {} : { cause }),
  });
}
