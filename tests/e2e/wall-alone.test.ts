/** The wall: pictures first, whole, calm, and quick; nothing is done while nobody does anything. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { idleWork, layoutShifts } from '../fixtures/browser-measures.ts';
import { Person } from '../fixtures/browser-person.ts';
import {
  coveredShare,
  picture,
  pictureShape,
  type PictureShape,
  untilMoving,
} from '../fixtures/browser-picture.ts';
import { CLIPS } from '../fixtures/clips.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';

/** experience.md, rule 1. */
const COVERED_AT_MOST = 0.06;

/** A pixel of rounding on a picture 200 pixels high. */
const SHAPE_DIFFERS_AT_MOST = 0.01;

/** What the design asks for is 300 ms, measured by `npm run bench -- live`; this is a machine with
 * two busy cores that also draws, encodes and serves the cameras. */
const MOVING_WITHIN_MS = 3_000;

/** How often the script of an idle wall is measured at most, on a machine that does other things. */
const WINDOWS_MAX = 5;
/** experience.md, rule 12. */
const SCRIPT_AT_MOST_MS = 2;

const KEY_FRAME_EACH_SECOND = { ...CLIPS.small, gopSeconds: 1, seconds: 8 } as const;

/** Wide, old and upright pictures, as doorbells have them. */
const SHAPES = [
  ['Porch', { width: 640, height: 360 }],
  ['Garage', { width: 640, height: 480 }],
  ['Doorbell', { width: 480, height: 640 }],
  ['Garden', { width: 640, height: 360 }],
] as const;

describe.skipIf(!chromiumAvailable)('the wall', () => {
  let home: HomeWithPage;
  const cameras: PageCamera[] = [];

  beforeAll(async () => {
    home = await HomeWithPage.start();
    for (const [name, size] of SHAPES) {
      const main = { ...KEY_FRAME_EACH_SECOND, ...size };
      const sub = { ...main, width: size.width / 2, height: size.height / 2, bitrateKbps: 150 };
      cameras.push(await home.addCamera(name, { main, sub }));
    }
  });
  afterAll(() => home.dispose());

  it.each(SIZES)('shows every camera moving and whole ($size)', async (look) => {
    await home.visit({ ...look, journey: 'wall' }, async ({ page, faults }) => {
      const list = page.getByRole('list', { name: 'Cameras' });
      await list.waitFor();
      const seen = look.size === 'phone' ? cameras.slice(0, 2) : cameras;
      const firstMs = await Promise.all(seen.map(({ id }) => untilMoving(page, id)));
      expect(Math.min(...firstMs)).toBeLessThan(MOVING_WITHIN_MS);
      expect(await layoutShifts(page)).toEqual([]);
      for (const { id, name } of seen) {
        const shape = await pictureShape(page, id);
        expect(shownShape(shape), name).toBeCloseTo(shape.mediaWidth / shape.mediaHeight, 2);
        expect(differs(shape), name).toBeLessThanOrEqual(SHAPE_DIFFERS_AT_MOST);
        expect(await coveredShare(page, id), name).toBeLessThanOrEqual(COVERED_AT_MOST);
      }
      expect(await list.getByRole('listitem').count()).toBe(cameras.length);
      expect(await list.getByText('live', { exact: true }).count()).toBeGreaterThanOrEqual(
        seen.length,
      );
      expect(await faults()).toEqual([]);
    });
  });

  it.each(SIZES)('opens one camera with one touch, and goes back ($size)', async (look) => {
    await home.visit({ ...look, journey: 'wall-open' }, async ({ page, shot }) => {
      const person = new Person(page, look.size === 'phone' ? 'touch' : 'mouse');
      await untilMoving(page, cameras[0]!.id);
      await person.press('link', /^Porch/);
      await person.arrive('Porch');
      expect(person.inputs).toBe(1);
      // The picture of the wall stands until the large one moves: never an empty place.
      expect(await picture(page, cameras[0]!.id).isVisible()).toBe(true);
      await untilMoving(page, cameras[0]!.id);
      await shot();
      expect(await layoutShifts(page)).toEqual([]);
      expect(differs(await pictureShape(page, cameras[0]!.id))).toBeLessThanOrEqual(
        SHAPE_DIFFERS_AT_MOST,
      );
      expect(await coveredShare(page, cameras[0]!.id)).toBeLessThanOrEqual(COVERED_AT_MOST);
      await page.goBack();
      await person.arrive('Home');
      await untilMoving(page, cameras[0]!.id);
    });
  });

  it('is worked with keys alone', async () => {
    await home.visit({ ...SIZES[1]!, journey: 'wall-keys' }, async ({ page, shot }) => {
      const person = new Person(page, 'keyboard');
      await untilMoving(page, cameras[0]!.id);
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      await shot();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await page.keyboard.press('3');
      await person.arrive('Doorbell');
      await page.keyboard.press('n');
      await person.arrive('Garden');
      await page.keyboard.press('b');
      await person.arrive('Doorbell');
      await page.keyboard.press('Escape');
      await person.arrive('Home');
      await person.press('link', /^Garden/);
      await person.arrive('Garden');
      await page.keyboard.press('f');
      await expect.poll(() => isFull(page)).toBe(true);
      await page.keyboard.press('f');
      await expect.poll(() => isFull(page)).toBe(false);
    });
  });

  // In a browser of its own: within a second of leaving a full screen, Chromium refuses the next.
  it('leaves a full screen that the page was not drawn with yet', async () => {
    const at = `/camera/${cameras[0]!.id}`;
    await home.visit({ ...SIZES[1]!, journey: 'wall-full', at }, async ({ page }) => {
      await untilMoving(page, cameras[0]!.id);
      await page.evaluate(() => {
        document.addEventListener(
          'fullscreenchange',
          () => {
            document.body.dataset['wasFull'] = 'true';
            document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'f', bubbles: true }));
          },
          { once: true },
        );
      });
      await page.keyboard.press('f');
      await page.waitForSelector('body[data-was-full]');
      await expect.poll(() => isFull(page)).toBe(false);
    });
  });

  it('does nothing while nobody does anything', async () => {
    await home.visit({ ...SIZES[1]!, journey: 'wall-idle' }, async ({ page }) => {
      await Promise.all(cameras.map(({ id }) => untilMoving(page, id)));
      // The first seconds find the rhythm of four cameras.
      await idleWork(page, 2);
      // Other programs can make it only dearer (caches, a core shared): the least is the page's own.
      const scriptMs: number[] = [];
      while (scriptMs.length < WINDOWS_MAX && !(Math.min(...scriptMs) <= SCRIPT_AT_MOST_MS)) {
        const work = await idleWork(page, 4);
        expect(work.animations).toEqual([]);
        scriptMs.push(work.scriptMs);
      }
      expect(Math.min(...scriptMs)).toBeLessThanOrEqual(SCRIPT_AT_MOST_MS);
      expect(await layoutShifts(page)).toEqual([]);
    });
  });
});

/** Width to height of what is seen of a picture; letterboxes are not the picture. */
function shownShape({ width, height, mediaWidth, mediaHeight, objectFit }: PictureShape): number {
  return objectFit === 'contain' || objectFit === 'scale-down'
    ? mediaWidth / mediaHeight
    : width / height;
}

/** How far the place of a picture is from the picture's own shape. */
function differs({ width, height, mediaWidth, mediaHeight }: PictureShape): number {
  return Math.abs(width / height / (mediaWidth / mediaHeight) - 1);
}

async function isFull(page: Page): Promise<boolean> {
  return page.evaluate(() => document.fullscreenElement !== null);
}
