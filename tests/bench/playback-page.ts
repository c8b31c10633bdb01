/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The page of the playback benchmark: the real player, and a stop-watch beside it. */
import { browserClock } from '../../web/base/clock.ts';
import { PlaybackPlayer } from '../../web/player/playback-player.ts';

/** One seek as the page saw it. */
export interface Seen {
  /** From the call to the picture. */
  readonly tookMs: number;
  /** The number that the picture carries (tests/fixtures/clips.ts). */
  readonly number: number;
}

/** What the page leaves in `window`. */
export interface PlaybackPage {
  doorkeepOpen?: (cameraId: string) => void;
  doorkeepSeek?: (epochMs: number) => Promise<Seen>;
}

const BITS = 16;
const SIDE_PX = 16;

/** A frame at 15 fps, and some: the picture of a moment began at most so long before it. */
const FRAME_MAX_S = 0.08;

const page = window as unknown as PlaybackPage;
const canvas = document.createElement('canvas');
canvas.width = BITS * SIDE_PX;
canvas.height = SIDE_PX;
let player: PlaybackPlayer | undefined;

/** A player of its own, as a person who comes from elsewhere has it. */
page.doorkeepOpen = (cameraId) => {
  player?.close();
  player = new PlaybackPlayer(video(), {
    ...{ cameraId, clock: browserClock },
    onState: () => undefined,
    onHole: () => undefined,
  });
};

/** Resolves when the frame of the moment has been presented. */
page.doorkeepSeek = (epochMs) =>
  new Promise((resolve) => {
    const startedMs = browserClock.monotonicMs();
    const element = video();
    let isOver = false;
    let shownS = -1;
    const look = (): void => {
      const agoS = element.currentTime - shownS;
      if (isOver || element.seeking || agoS < -0.002 || agoS > FRAME_MAX_S) return;
      isOver = true;
      element.removeEventListener('seeked', look);
      resolve({ tookMs: browserClock.monotonicMs() - startedMs, number: shownNumber() });
    };
    const onFrame: VideoFrameRequestCallback = (_nowMs, { mediaTime }) => {
      shownS = mediaTime;
      look();
      if (!isOver) element.requestVideoFrameCallback(onFrame);
    };
    element.addEventListener('seeked', look);
    element.requestVideoFrameCallback(onFrame);
    player?.seek(epochMs);
  });

function video(): HTMLVideoElement {
  const element = document.querySelector('video');
  if (element === null) throw new Error('the page has no video');
  return element;
}

function shownNumber(): number {
  const drawing = canvas.getContext('2d', { willReadFrequently: true });
  if (drawing === null) throw new Error('nothing to draw on');
  drawing.drawImage(video(), 0, 0, canvas.width, SIDE_PX, 0, 0, canvas.width, SIDE_PX);
  const { data } = drawing.getImageData(0, SIDE_PX / 2, canvas.width, 1);
  let number = 0;
  for (let bit = 0; bit < BITS; bit += 1) {
    if ((data[(bit * SIDE_PX + SIDE_PX / 2) * 4] ?? 0) > 128) number += 2 ** bit;
  }
  return number;
}
