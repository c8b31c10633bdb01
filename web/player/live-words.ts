/** A live picture's state as people read it: what it is, what it means, what to do. Pure but for the
 * time zone. */
import { clockTime, exactTime } from '../words/time-words.ts';
import type { LiveStatus } from './live-status.ts';

/** `strip` stands beside the name; the others below the picture where there is room. */
export interface LiveWords {
  readonly strip: string;
  readonly sentence: string | undefined;
  readonly hint: string | undefined;
}

const BOX_HINT = 'Is the box on, and is this on the home network? It comes back by itself.';

/** `pictureMs`: the box's time of the picture that stands, if one does. */
export function liveWords(status: LiveStatus, pictureMs: number | undefined): LiveWords {
  switch (status.at) {
    case 'live':
      return only('live');
    case 'late':
      return {
        strip: `${String(status.behindS)} s behind`,
        sentence: `This picture is ${String(status.behindS)} seconds old.`,
        hint: 'The way to this screen is too slow for it. It catches up by itself.',
      };
    case 'connecting':
      return only(connectingWords(status, pictureMs));
    case 'frozen':
      return {
        strip:
          pictureMs === undefined
            ? 'no new picture'
            : `no new picture since ${exactTime(pictureMs)}`,
        sentence: 'No new picture comes.',
        hint: 'It goes on by itself as soon as one does.',
      };
    case 'waiting':
      return waitingWords(status, pictureMs);
    case 'gone':
      return {
        strip: withPicture('Doorkeep does not answer', pictureMs),
        sentence: 'Doorkeep does not answer.',
        hint: BOX_HINT,
      };
    case 'stills':
      return {
        strip: 'a still each second',
        sentence: 'This browser can show only still pictures, one each second.',
        hint: 'On an iPhone or iPad, iOS 17.1 or newer shows them moving.',
      };
    case 'unplayable':
      return {
        strip: `this browser cannot show ${status.format}`,
        sentence: `This browser cannot show ${status.format}, which this camera sends.`,
        hint: 'Set the camera to H.264, or open this page in Safari. Recording goes on as it is.',
      };
    case 'refused':
      return {
        strip: 'tap to start',
        sentence: 'This browser starts pictures only when the page is tapped.',
        hint: 'Tap anywhere, or press a key. A phone that saves power does this.',
      };
    case 'ended':
      return status.why === 'removed'
        ? only('this camera was removed')
        : only('signed out; sign in again');
  }
}

/** What the camera's owner calls H.264 and the like, from `codecs` (RFC 6381). */
export function formatOf(codecs: string): string {
  const [video = ''] = codecs.split(',');
  if (/^(hvc1|hev1)\./.test(video)) return 'H.265';
  if (/^avc[13]\./.test(video)) return 'this kind of H.264';
  return 'this kind of picture';
}

function connectingWords(
  { waitsFor, long }: Extract<LiveStatus, { at: 'connecting' }>,
  pictureMs: number | undefined,
): string {
  if (!long) return pictureMs === undefined ? '' : `picture of ${exactTime(pictureMs)}`;
  switch (waitsFor) {
    case 'box':
      return withPicture('waiting for the box', pictureMs);
    case 'room':
      return 'too many people watch; waiting for one to leave';
    case 'picture':
      return withPicture('waiting for the camera’s picture', pictureMs);
  }
}

function waitingWords(
  { state, reason }: Extract<LiveStatus, { at: 'waiting' }>,
  pictureMs: number | undefined,
): LiveWords {
  if (state === 'disabled') {
    return { strip: 'switched off', sentence: 'This camera is switched off.', hint: undefined };
  }
  if (reason === undefined) return only(withPicture('waiting for the camera', pictureMs));
  const since = `no picture since ${clockTime(pictureMs ?? Date.parse(reason.since))}`;
  return { strip: since, sentence: reason.sentence, hint: reason.hint };
}

function withPicture(words: string, pictureMs: number | undefined): string {
  return pictureMs === undefined ? words : `${words}; picture of ${exactTime(pictureMs)}`;
}

function only(strip: string): LiveWords {
  return { strip, sentence: undefined, hint: undefined };
}
