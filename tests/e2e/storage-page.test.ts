/// <reference lib="dom" />
/** The storage page as it is after weeks: bars, words, room, each by finger, by keyboard, by ear. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { chromiumAvailable, LOOKS, SIZES } from '../fixtures/browser.ts';
import { layoutShifts, sidewaysPx } from '../fixtures/browser-measures.ts';
import { Person } from '../fixtures/browser-person.ts';
import { HELD_DAYS, holdStorage } from '../fixtures/held-storage.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';

describe.skipIf(!chromiumAvailable)('the storage page', () => {
  let home: HomeWithPage;
  let door: PageCamera;
  let garden: PageCamera;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    door = await home.addCamera('Front door');
    garden = await home.addCamera('Garden');
  });
  afterAll(() => home.dispose());

  it.each(LOOKS)(
    'says how long footage is kept and what goes next ($size, $theme)',
    async (look) => {
      const options = { ...look, journey: 'storage', at: 'none' };
      await home.visit(options, async ({ page, shot, faults }) => {
        await holdStorage(page, [door.id, garden.id]);
        await page.goto('/');
        const person = new Person(page, look.size === 'phone' ? 'touch' : 'mouse');
        await person.press('link', 'Storage');
        await person.arrive('Storage');
        const next = page.getByRole('region', { name: 'What happens next' });
        await next
          .getByText(
            /^At this rate you keep 11 days\. On \p{L}+ the oldest day of Front door goes\.$/u,
          )
          .waitFor();
        await next.getByText('10 GB always left free').waitFor();
        await person.see(/^sam can open the past\./);
        const its = page.getByRole('region', { name: 'Front door', exact: true });
        expect(await its.getByText(/By then the disk is full/).count()).toBe(1);
        await page
          .getByRole('region', { name: 'Garden' })
          .getByText(/14 days at most/)
          .first()
          .waitFor();
        await page.waitForLoadState('networkidle');
        expect(await layoutShifts(page)).toEqual([]);
        expect(await clippedWords(page)).toEqual([]);
        if (SIZES.some(({ size, theme }) => size === look.size && theme === look.theme)) {
          expect(await faults()).toEqual([]);
        }
        await its.scrollIntoViewIfNeeded();
        await shot('camera');
        await page.getByRole('heading', { name: 'Keys' }).scrollIntoViewIfNeeded();
        await shot('keys');
      });
    },
  );

  it.each(SIZES)('has a bar for each day, which says what it stands for ($size)', async (look) => {
    const options = { ...look, journey: 'storage-days', at: 'none' };
    await home.visit(options, async ({ page, shot }) => {
      await holdStorage(page, [door.id, garden.id]);
      await page.goto('/storage');
      const bars = page.getByRole('slider', { name: 'Day of Front door' });
      await bars.waitFor();
      expect(await bars.getAttribute('aria-valuetext')).toMatch(/^Today: 12 GB, 9 h 36 min\.$/);
      const box = (await bars.boundingBox())!;
      // The day before yesterday, by hand.
      const [x, y] = [box.x + (box.width * (HELD_DAYS - 2.5)) / HELD_DAYS, box.y + box.height / 2];
      if (look.size === 'phone') await page.touchscreen.tap(x, y);
      else await page.mouse.click(x, y);
      const words = (await bars.getAttribute('aria-valuetext')) ?? '';
      expect(words).toMatch(/^[A-Z]\w+day,? \d+ [A-Z]\w+: 31 GB, 24 h\.$/);
      await page.getByText(words, { exact: true }).waitFor();
      await shot();

      // With the Tab key to the bars, with the arrows to the day, with Enter to its footage.
      const person = new Person(page, 'keyboard');
      await bars.focus();
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('ArrowLeft');
      expect(await bars.getAttribute('aria-valuetext')).toMatch(/: 2\.\d GB, 2 h 24 min\.$/);
      await page.keyboard.press('Home');
      expect(await bars.getAttribute('aria-valuenow')).toBe('1');
      await page.keyboard.press('End');
      await page.keyboard.press('ArrowLeft');
      expect(await bars.getAttribute('aria-valuetext')).toMatch(/^Yesterday: 31 GB/);
      await shot('focus');
      await person.press('link', 'See it: Front door, Yesterday');
      await person.arrive('Front door');
    });
  });

  it.each(SIZES)('warns before anything is lost, and while it is ($size)', async (look) => {
    const options = { ...look, journey: 'storage-warnings', at: 'none' };
    await home.visit(options, async ({ page, faults }) => {
      const use = {
        warnings: [
          { kind: 'disk-full' as const },
          { kind: 'short-history' as const, camera: garden.id, days: 14, keepsDays: 11.4 },
        ],
      };
      await holdStorage(page, [door.id, garden.id], { use });
      await page.goto('/storage');
      const lost = page.getByRole('status').filter({ hasText: 'nothing is left to delete' });
      await lost.waitFor();
      await page.getByText('It keeps 11 days, not the 14 days you set.').waitFor();
      expect(await faults()).toEqual([]);
    });
  });

  it('leaves the title its room in the bar, on a phone on its side', async () => {
    const at = `/camera/${door.id}`;
    await home.visit({ ...SIZES[1]!, journey: 'bar', at }, async ({ page, shot }) => {
      const title = page.getByRole('heading', { level: 1, name: 'Front door' });
      await title.waitFor();
      for (const width of [720, 844]) {
        await page.setViewportSize({ width, height: 390 });
        expect(await sidewaysPx(page)).toBe(0);
        expect((await title.boundingBox())!.width).toBeGreaterThan(44);
        await page.getByRole('link', { name: 'Storage' }).waitFor();
        await shot(String(width));
      }
    });
  });

  it('has the same numbers in a table, for who does not see the bars', async () => {
    await home.visit({ ...SIZES[1]!, journey: 'storage-table', at: 'none' }, async ({ page }) => {
      await holdStorage(page, [door.id, garden.id]);
      await page.goto('/storage');
      const table = page.getByRole('table', { name: 'Garden, day by day, newest first' });
      await table.waitFor();
      const rows = table.getByRole('row');
      expect(await rows.count()).toBe(HELD_DAYS + 1);
      expect(await rows.nth(2).allInnerTexts()).toEqual(['Yesterday\t7.0 GB\t24 h']);
      // It is heard and not seen, and makes no page wider or longer.
      const box = await table.locator('..').boundingBox();
      expect(box?.width).toBeLessThanOrEqual(1);
    });
  });
});

/** Texts that end in an ellipsis, or lie outside what shows them. */
async function clippedWords(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('h1, h2, h3, p, a, button, label, span, li')]
      .filter((element) => element.checkVisibility() && element.closest('.unseen') === null)
      .filter(({ clientWidth, scrollWidth }) => clientWidth > 0 && scrollWidth > clientWidth + 1)
      .map(({ textContent }) => textContent.trim().slice(0, 60)),
  );
}
