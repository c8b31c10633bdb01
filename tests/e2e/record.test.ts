/// <reference lib="dom" />
/** The record as everybody at home reads it, who is watching on every page, and what a browser remembers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable, LOOKS, SIZES } from '../fixtures/browser.ts';
import { sidewaysPx } from '../fixtures/browser-measures.ts';
import { untilMoving } from '../fixtures/browser-picture.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';

/** experience.md, rule 10. */
const SEEN_WITHIN_MS = 2_000;

describe.skipIf(!chromiumAvailable)('the record', () => {
  let home: HomeWithPage;
  let door: PageCamera;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    door = await home.addCamera('Front door');
  });
  afterAll(() => home.dispose());

  it.each(LOOKS)('is read, filtered and checked ($size, $theme)', async (look) => {
    await home.visit(
      { ...look, journey: 'record', at: '/record' },
      async ({ page, shot, faults }) => {
        await page.getByRole('heading', { name: 'Record', level: 1 }).waitFor();
        await page.getByText('The box started').waitFor();
        await page
          .getByText(/signed in$/)
          .first()
          .waitFor();
        expect(await sidewaysPx(page)).toBe(0);
        await page.getByRole('button', { name: 'Check now' }).click();
        await page.getByText(/are all there, and none was changed\./).waitFor();
        if (SIZES.some(({ size, theme }) => size === look.size && theme === look.theme)) {
          expect(await faults()).toEqual([]);
        }
        await shot('checked');
        await page.getByLabel('Camera').selectOption({ label: 'Front door' });
        await page.getByText(/added Front door$/).waitFor();
        await page.getByText('The box started').waitFor({ state: 'detached' });
        await page.evaluate(() => {
          scrollTo(0, 0);
        });
        await shot('filtered');
      },
    );
  });

  it.each(SIZES)('says on every page within two seconds who is watching ($size)', async (look) => {
    await home.visit({ ...look, journey: 'watchers', at: '/settings' }, async ({ page, shot }) => {
      await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
      const mark = page.getByRole('button', { name: /^Who is watching: sam/i });
      expect(await mark.count()).toBe(0);
      const other = await page.context().newPage();
      await other.goto(`/camera/${door.id}`);
      await untilMoving(other, door.id);
      await mark.waitFor({ timeout: SEEN_WITHIN_MS });
      await mark.click();
      await page
        .getByRole('listitem')
        .getByText(/watches Front door live$/)
        .waitFor();
      await shot('open');
      await other.close();
      await mark.waitFor({ state: 'detached', timeout: 5_000 });
    });
  });

  it('is missed by a browser that remembers more of it (phone)', async () => {
    await home.visit(
      { ...SIZES[0]!, journey: 'record-head', at: '/settings' },
      async ({ page, shot }) => {
        await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
        await page.waitForFunction(() => localStorage.getItem('doorkeep-record-head') !== null);
        await page.evaluate(() => {
          const head = { sequence: 2, hash: '0'.repeat(64) };
          localStorage.setItem('doorkeep-record-head', JSON.stringify(head));
        });
        await page.reload();
        await page.getByText('The record does not hold what this browser saw of it.').waitFor();
        await shot('differs');
        await page.getByRole('button', { name: 'I have read this' }).click();
        await page.reload();
        await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
        expect(await page.getByText('The record does not hold').count()).toBe(0);
      },
    );
  });
});
