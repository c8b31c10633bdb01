/** How this folder says that bytes from outside broke their format. */
import { AppError } from '../base/errors.ts';

/** What is wrong with the bytes; stable, for metrics and for the reason of a gap. */
export type CorruptReason =
  /** A box is shorter than its own header, or open-ended (size 0). */
  | 'box-size'
  /** A box is larger than its type may be. */
  | 'box-too-large'
  /** The bytes end inside a box. */
  | 'box-truncated'
  /** A box that must be there is missing. */
  | 'box-missing'
  /** Boxes came in an order that has no meaning. */
  | 'box-order'
  /** A field holds a value that cannot be meant. */
  | 'field-value'
  /** Sample sizes and the media data do not agree. */
  | 'sample-size'
  /** Decode times run backwards or leave the range of exact integers. */
  | 'decode-time'
  /** A parameter set or decoder configuration cannot be read. */
  | 'parameter-set';

/** An AppError of kind `corrupt`. `detail` is for engineers: box names and numbers, no content. */
export function corrupt(reason: CorruptReason, detail: string): AppError {
  return new AppError('corrupt', `the camera's recording data is damaged (${detail})`, {
    reason,
    hint: 'Doorkeep starts over by itself; if it happens often, restart the camera.',
  });
}
