/** What every `<video>` of the page has: its picture stays in the page. No television, no speaker, no window
 * that floats above what is opened next. */

/** See the head of this file. */
export const STAYS_HERE = {
  disableRemotePlayback: true,
  disablePictureInPicture: true,
  // Safari's own name of the first.
  'x-webkit-airplay': 'deny',
} as const;
