/// <reference lib="dom" />
/** Playback when footage is not what the index says, and between two windows: words and a way on,
 * and never an empty place where a picture was. */
import { readdir, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { SystemClock } from '../../server/base/clock.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { layoutShifts } from '../fixtures/browser-measures.ts';
import { Person } from '../fixtures/browser-person.ts';
import { coveredShare, untilMoving } from '../fixtures/browser-picture.ts';
import type { HomeWithPage, PageCamera } from '../fixtures/home-with-page.ts';
import { PAST_CLIP, startHomeWithPast, type PastStretch } from '../fixtures/home-with-page-past.ts';

const HOUR_MS = 3_600_000;

/** Of 255: the darkest thing of a test picture is far above, the ground of an empty place below. */
const DARK = 24;

/** One try again, and what the browser takes to give up an answer; on two busy cores. */
const TOLD_WITHIN_MS = 15_000;

const clock = new SystemClock();

describe.skipIf(!chromiumAvailable)('the past', () => {
  const startMs = clock.wallMs() - 20 * HOUR_MS;
  const morning: PastStretch = { fromMs: startMs, seconds: 20 * PAST_CLIP.seconds };
  const evening: PastStretch = { fromMs: startMs + 9 * HOUR_MS, seconds: 20 * PAST_CLIP.seconds };
  let home: HomeWithPage;
  let door: PageCamera;

  beforeAll(async () => {
    ({ home, camera: door } = await startHomeWithPast([morning, evening]));
  });
  afterAll(() => home.dispose());

  const addressOf = (ms: number): string => `/camera/${door.id}?at=${new Date(ms).toISOString()}`;

  it('never shows an empty place on the way from one moment to another', async () => {
    const at = `/camera/${door.id}`;
    await home.visit({ ...SIZES[1]!, journey: 'past-windows', at }, async ({ page }) => {
      await untilMoving(page, door.id);
      await watchForBlank(page);
      for (const ms of [startMs + 60_000, evening.fromMs + 60_000, startMs + 90_000]) {
        await goTo(page, addressOf(ms));
        await page.locator('time[datetime]').first().waitFor();
        await untilMoving(page, door.id);
      }
      const { looks, blank } = await blankLooks(page);
      expect(looks).toBeGreaterThan(20);
      expect(blank).toBe(0);
    });
  });

  it.each(['cut short', 'gone'])('says that a file is %s, and goes on behind it', async (how) => {
    const [look, stretch] = how === 'gone' ? [SIZES[0]!, evening] : [SIZES[1]!, morning];
    const files = await filesOf(home.server.dataPath, stretch === morning ? 0 : 1);
    if (how === 'gone') await rm(files[2]!);
    else await truncate(files[2]!, 20_000);
    const at = addressOf(stretch.fromMs + 150_000);
    const journey = `past-file-${how === 'gone' ? 'gone' : 'cut'}`;
    await home.visit({ ...look, journey, at }, async ({ page, watch, faults }) => {
      // Chromium's words for a file that the box cannot read.
      watch.allow(/status of 500/);
      const words = how === 'gone' ? /is not kept any more/ : /cannot be read/;
      await page.getByText(words).waitFor({ timeout: TOLD_WITHIN_MS });
      expect(await page.getByText('Doorkeep does not answer.').count()).toBe(0);
      expect(await faults()).toEqual([]);
      expect(await coveredShare(page, door.id)).toBeLessThanOrEqual(0.06);
      expect(await layoutShifts(page)).toEqual([]);
      const person = new Person(page, look.size === 'phone' ? 'touch' : 'mouse');
      await person.press('button', /^Go on at /);
      await untilMoving(page, door.id);
      const seen = await page.locator('time[datetime]').first().getAttribute('datetime');
      const intoMs = Date.parse(seen ?? '') - stretch.fromMs;
      expect(intoMs).toBeGreaterThan(170_000);
      expect(intoMs).toBeLessThan(200_000);
    });
  });

  it('does not call a box away that answers everything but one entry', async () => {
    const options = { ...SIZES[1]!, journey: 'past-entry', at: 'none' };
    await home.visit(options, async ({ page, watch }) => {
      watch.allowUnreachable();
      await page.route('**/api/playback/**/*.mp4', (route) => route.abort('connectionreset'));
      await page.goto(addressOf(startMs + 60_000));
      await page.getByText(/cannot be read/).waitFor({ timeout: TOLD_WITHIN_MS });
      expect(await page.getByText('Doorkeep does not answer.').count()).toBe(0);
    });
  });

  it.each([
    [404, 'nothing-recorded'],
    [500, 'none'],
  ])('asks a few times and no more when the box has no list (%i)', async (status, reason) => {
    const options = { ...SIZES[1]!, journey: 'past-no-list', at: 'none' };
    await home.visit(options, async ({ page, watch }) => {
      watch.allow(/status of 500/);
      let asked = 0;
      await page.route('**/api/playback/**', async (route) => {
        asked += 1;
        const problem = {
          type: 'urn:doorkeep:problem:x',
          status,
          title: '',
          detail: 'No.',
          reason,
        };
        const contentType = 'application/problem+json';
        await route.fulfill({ status, contentType, body: JSON.stringify(problem) });
      });
      await page.goto(addressOf(startMs - HOUR_MS));
      await page.getByRole('alert').waitFor();
      await clock.sleep(2_000);
      expect(asked).toBeLessThanOrEqual(6);
      expect(await page.getByRole('button', { name: /^(Go on at|Try again)/ }).count()).toBe(1);
    });
  });
});

/** As the back button does: the page stays. */
async function goTo(page: Page, address: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, address);
}

/** The files of one run in order; the runs are numbered in the order of their making. */
async function filesOf(dataPath: string, run: number): Promise<string[]> {
  const all = await readdir(join(dataPath, 'footage'), { recursive: true, withFileTypes: true });
  const files = all.filter((entry) => entry.isFile() && entry.name.endsWith('.age'));
  const folders = [...new Set(files.map(({ parentPath }) => parentPath))].toSorted(byNumbers);
  const inRun = files.filter(({ parentPath }) => parentPath === folders[run]);
  return inRun.map(({ parentPath, name }) => join(parentPath, name)).toSorted(byNumbers);
}

const byNumbers = (a: string, b: string): number =>
  a.localeCompare(b, undefined, { numeric: true });

/** What `watchForBlank` leaves in the page. */
interface WithLooks {
  doorkeepLooks: { looks: number; blank: number };
}

/** Looks at each frame whether the video, or the canvas behind it, shows anything. */
async function watchForBlank(page: Page): Promise<void> {
  await page.evaluate((dark) => {
    const seen = { looks: 0, blank: 0 };
    (window as unknown as WithLooks).doorkeepLooks = seen;
    const small = new OffscreenCanvas(8, 8);
    const drawing = small.getContext('2d', { willReadFrequently: true });
    const look = (): void => {
      const frame = document.querySelector('.live-frame');
      drawing?.clearRect(0, 0, 8, 8);
      for (const part of frame?.querySelectorAll('canvas, video') ?? []) {
        const image = part as HTMLCanvasElement | HTMLVideoElement;
        // An element without a picture draws nothing, and throws for a canvas without a size.
        if (image.width === 0 && image instanceof HTMLCanvasElement) continue;
        drawing?.drawImage(image, 0, 0, 8, 8);
      }
      const pixels = drawing?.getImageData(0, 0, 8, 8).data ?? new Uint8ClampedArray();
      const bright = pixels.some((value, at) => at % 4 !== 3 && value > dark);
      seen.looks += 1;
      if (!bright) seen.blank += 1;
      requestAnimationFrame(look);
    };
    look();
  }, DARK);
}

async function blankLooks(page: Page): Promise<WithLooks['doorkeepLooks']> {
  return page.evaluate(() => (window as unknown as WithLooks).doorkeepLooks);
}
