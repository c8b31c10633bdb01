/// <reference lib="dom" />
/** Where room is short: a narrow tile, a small phone, words that come while somebody reads. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { layoutShifts, sidewaysPx, smallTargets } from '../fixtures/browser-measures.ts';
import { coveredShare, untilMoving } from '../fixtures/browser-picture.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';

/** A doorbell's upright picture on a wall of nine, on a small laptop. */
const NARROW_TILE_PX = 110;

/** The smallest phone that is still sold. */
const SMALL_PHONE = { width: 320, height: 568 };

/** The box notices within seconds that nothing comes. */
const WORDED_WITHIN_MS = 25_000;

describe.skipIf(!chromiumAvailable)('where room is short', () => {
  let home: HomeWithPage;
  let hall: PageCamera;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    hall = await home.addCamera('Back garden by the shed');
  });
  afterAll(() => home.dispose());
  beforeEach(() => () => {
    hall.device.trouble.stall = false;
  });

  it('the strip keeps the state whole, then the name, then the clock', async () => {
    await home.visit({ ...SIZES[1]!, journey: 'narrow-tile' }, async ({ page, shot }) => {
      await untilMoving(page, hall.id);
      await page.getByText('live', { exact: true }).first().waitFor();
      // Known with the camera’s first report of its clock.
      await page.locator('.live-strip time').waitFor();
      expect(await cutParts(page)).toEqual([]);
      await page.locator('.wall-tile').evaluate((tile, widthPx) => {
        tile.style.width = `${String(widthPx)}px`;
      }, NARROW_TILE_PX);
      await shot('live');
      expect(await cutParts(page)).toEqual(['live-name']);
      expect(await page.locator('.live-strip time').isVisible()).toBe(false);
      hall.device.trouble.stall = true;
      const words = page.getByText(/^no (new )?picture/).first();
      await words.waitFor({ timeout: WORDED_WITHIN_MS });
      await shot('stalled');
      expect(await cutParts(page)).toEqual(['live-name']);
      const [state] = await page.locator('.live-state').all();
      expect(await state?.innerText()).toMatch(/^no (new )?picture$/);
    });
  });

  it('words about a camera move nothing, and cover no picture (phone)', async () => {
    const at = `/camera/${hall.id}`;
    await home.visit({ ...SIZES[0]!, journey: 'words', at }, async ({ page, shot, faults }) => {
      await untilMoving(page, hall.id);
      await page.getByRole('button', { name: 'From here' }).waitFor();
      const before = await page.getByRole('button', { name: /^Day before/ }).boundingBox();
      hall.device.trouble.stall = true;
      await page.getByText(/is connected but sends nothing|No new picture comes/).waitFor({
        timeout: WORDED_WITHIN_MS,
      });
      await shot();
      expect(await page.getByRole('button', { name: /^Day before/ }).boundingBox()).toEqual(before);
      expect(await layoutShifts(page)).toEqual([]);
      expect(await coveredShare(page, hall.id)).toBeLessThanOrEqual(0.06);
      expect(await faults('faults')).toEqual([]);
    });
  });

  it('a small phone has everything of the camera’s page', async () => {
    const at = `/camera/${hall.id}`;
    await home.visit({ ...SIZES[0]!, journey: 'small-phone', at }, async ({ page, shot }) => {
      await page.setViewportSize(SMALL_PHONE);
      await untilMoving(page, hall.id);
      await page.getByRole('button', { name: /^Day before/ }).click();
      await page.getByRole('heading', { name: 'Yesterday' }).waitFor();
      await shot();
      expect(await smallTargets(page)).toEqual([]);
      expect(await sidewaysPx(page)).toBe(0);
      expect(await outside(page)).toEqual([]);
      await page.getByRole('button', { name: 'From here' }).click();
      await shot('marked');
      expect(await outside(page)).toEqual([]);
      expect(await smallTargets(page)).toEqual([]);
      expect(await page.locator('.hours').evaluate((list) => list.clientHeight)).toBeGreaterThan(
        44,
      );
    });
  });
});

/** Which parts of a strip show less than they have to say. */
async function cutParts(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.live-strip > :not(.unseen)')]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map(({ className }) => className),
  );
}

/** What can be pressed and lies, in part, outside the screen or under something else; a list that
 * scrolls has more than fits. */
async function outside(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const lines: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>('a[href], button, input, h2')) {
      if (!element.checkVisibility() || element.closest('.hours') !== null) continue;
      const { left, top, right, bottom, width, height } = element.getBoundingClientRect();
      if (width <= 1 || height <= 1) continue;
      const name = element.getAttribute('aria-label') ?? element.textContent.trim();
      // A hairline is no part of a button that anybody misses.
      const isIn = left >= 0 && top >= 0 && right <= innerWidth + 1 && bottom <= innerHeight + 1;
      const isCut = element.scrollWidth > element.clientWidth + 1;
      const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      const isSeen = there !== null && (element.contains(there) || there.contains(element));
      if (!isIn) lines.push(`beyond the edge: ${name}`);
      if (isCut) lines.push(`cut off: ${name}`);
      if (!isSeen) lines.push(`covered: ${name}`);
    }
    return lines;
  });
}
