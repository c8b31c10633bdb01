/// <reference lib="dom" />
/** A moment of the past is the picture of that moment, to the frame: with sound, whichever the
 * connection, and without what lies around it being loaded. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { SystemClock } from '../../server/base/clock.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { picture, shownNumber } from '../fixtures/browser-picture.ts';
import type { HomeWithPage, PageCamera } from '../fixtures/home-with-page.ts';
import {
  PAST_CLIP,
  pastFrame,
  startHomeWithPast,
  type PastStretch,
} from '../fixtures/home-with-page-past.ts';

const HOUR_MS = 3_600_000;
const FRAME_MS = 1_000 / PAST_CLIP.fps;

const clock = new SystemClock();

/** Nothing plays by itself: what stands is the first picture that the moment brought. */
async function holdPictures(page: Page): Promise<void> {
  await page.addInitScript(() => {
    HTMLMediaElement.prototype.play = () => Promise.resolve();
  });
}

/** The number of the picture that stands once the one looked for has come. */
async function numberAt(page: Page, cameraId: string): Promise<number> {
  const video = picture(page, cameraId);
  await video.waitFor();
  await video.evaluate(
    (element) =>
      new Promise<void>((resolve) => {
        const media = element as HTMLVideoElement;
        const look = (): void => {
          // 2: HAVE_CURRENT_DATA. The picture is on the screen one frame later.
          if (media.readyState < 2 || media.seeking) requestAnimationFrame(look);
          else
            requestAnimationFrame(() =>
              requestAnimationFrame(() => {
                resolve();
              }),
            );
        };
        look();
      }),
  );
  return shownNumber(page, cameraId);
}

describe.skipIf(!chromiumAvailable)('a moment of the past', () => {
  const startMs = clock.wallMs() - 20 * HOUR_MS;
  const first: PastStretch = { fromMs: startMs, seconds: 20 * PAST_CLIP.seconds };
  // The camera was away for ten minutes, then for none: another connection.
  const second: PastStretch = { fromMs: startMs + 920_000, seconds: 5 * PAST_CLIP.seconds };
  const third: PastStretch = { fromMs: second.fromMs + 80_000, seconds: 5 * PAST_CLIP.seconds };
  const moments: readonly [string, PastStretch, number][] = [
    ['the first picture of all', first, 0],
    ['the last picture of a group', first, 2_000 - FRAME_MS / 2],
    ['the first picture of a group', first, 200_000],
    ['a picture within a group, minutes on', first, 301_500 + FRAME_MS / 2],
    ['the first picture of another connection', second, 0],
    ['a picture behind a seam', third, 40_700 + FRAME_MS / 2],
  ];
  let home: HomeWithPage;
  let door: PageCamera;

  beforeAll(async () => {
    ({ home, camera: door } = await startHomeWithPast([first, second, third]));
  });
  afterAll(() => home.dispose());

  const addressOf = (ms: number): string =>
    `/camera/${door.id}?at=${new Date(Math.ceil(ms)).toISOString()}`;

  it.each(moments)('%s', async (_name, stretch, offsetMs) => {
    const ms = stretch.fromMs + offsetMs;
    await home.visit({ ...SIZES[1]!, journey: 'moment', at: 'none' }, async ({ page }) => {
      await holdPictures(page);
      await page.goto(addressOf(ms));
      expect(await numberAt(page, door.id)).toBe(pastFrame(stretch, Math.ceil(ms)));
    });
  });

  it('without footage is the first one behind it, and says so', async () => {
    await home.visit({ ...SIZES[1]!, journey: 'moment-gap', at: 'none' }, async ({ page }) => {
      await holdPictures(page);
      await page.goto(addressOf(second.fromMs - 300_000));
      await page.getByText(/^Nothing is kept from /).waitFor();
      expect(await numberAt(page, door.id)).toBe(0);
    });
  });
});
