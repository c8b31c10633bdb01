/** A live picture's state as people read it: what it is, what it means, what to do. Pure but for the
 * time zone. */
import { clockTime, exactTime } from '../words/time-words.ts';
import type { LiveStatus } from './live-status.ts';

/** `strip` stands beside the name, `since` behind it where there is room; the others have a place of
 * their own on the camera's page. */
export interface LiveWords {
  readonly strip: string;
  readonly since: string | undefined;
  readonly sentence: string | undefined;
  readonly hint: string | undefined;
}

/** `pictureMs`: the box's time of the picture that stands, if one does. */
export function liveWords(status: LiveStatus, pictureMs: number | undefined): LiveWords {
  const ofPicture = pictureMs === undefined ? undefined : `picture of ${exactTime(pictureMs)}`;
  switch (status.at) {
    case 'live':
      return strip('live');
    case 'late':
      return {
        ...strip(`${String(status.behindS)} s behind`),
        sentence: `This picture is ${String(status.behindS)} seconds old.`,
        hint: 'The way to this screen is too slow for it. It catches up by itself.',
      };
    case 'connecting':
      return strip(status.long ? WAITS_FOR[status.waitsFor] : '', ofPicture);
    case 'frozen':
      return {
        ...strip(
          'no new picture',
          pictureMs === undefined ? undefined : `since ${exactTime(pictureMs)}`,
        ),
        sentence: 'No new picture comes.',
        hint: 'It goes on by itself as soon as one does.',
      };
    case 'waiting':
      return waitingWords(status, pictureMs);
    case 'gone':
      return { ...strip('Doorkeep does not answer', ofPicture), ...BOX_GONE };
    case 'stills':
      return {
        ...strip('a still each second'),
        sentence: 'This browser can show only still pictures, one each second.',
        hint: 'On an iPhone or iPad, iOS 17.1 or newer shows them moving.',
      };
    case 'unplayable':
      return {
        ...strip(`this browser cannot show ${status.format}`),
        sentence: `This browser cannot show ${status.format}, which this camera sends.`,
        hint: 'Set the camera to H.264, or open this page in Safari. Recording goes on as it is.',
      };
    case 'refused':
      return {
        ...strip('tap to start', ofPicture),
        sentence: 'This browser starts pictures only when the page is tapped.',
        hint: 'Tap anywhere, or press a key. A phone that saves power does this.',
      };
    case 'ended':
      return strip(
        status.why === 'removed' ? 'this camera was removed' : 'signed out; sign in again',
      );
  }
}

/** What the camera's owner calls H.264 and the like, from `codecs` (RFC 6381). */
export function formatOf(codecs: string): string {
  const [video = ''] = codecs.split(',');
  if (/^(hvc1|hev1)\./.test(video)) return 'H.265';
  if (/^avc[13]\./.test(video)) return 'this kind of H.264';
  return 'this kind of picture';
}

const WAITS_FOR = {
  box: 'waiting for the box',
  room: 'too many people watch; waiting for one to leave',
  picture: 'waiting for the camera’s picture',
} as const;

const BOX_GONE = {
  sentence: 'Doorkeep does not answer.',
  hint: 'Is the box on, and is this on the home network? It comes back by itself.',
} as const;

function waitingWords(
  { state, reason }: Extract<LiveStatus, { at: 'waiting' }>,
  pictureMs: number | undefined,
): LiveWords {
  if (state === 'disabled') {
    return { ...strip('switched off'), sentence: 'This camera is switched off.' };
  }
  const sinceMs = pictureMs ?? (reason === undefined ? undefined : Date.parse(reason.since));
  const since = sinceMs === undefined ? undefined : `since ${clockTime(sinceMs)}`;
  if (reason === undefined) return strip('waiting for the camera', since);
  return { ...strip('no picture', since), sentence: reason.sentence, hint: reason.hint };
}

function strip(words: string, since?: string): LiveWords {
  return { strip: words, since, sentence: undefined, hint: undefined };
}
