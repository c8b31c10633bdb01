/** Signing in and out: the place is kept, and every tab knows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWNER } from '../doubles/doorkeep-server.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { layoutShifts } from '../fixtures/browser-measures.ts';
import { Person } from '../fixtures/browser-person.ts';
import { untilMoving } from '../fixtures/browser-picture.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';
import { faultsOf, untilTold } from '../fixtures/page-words.ts';

/** Whoever is signed out must not see more than what is on the way already. */
const SIGNED_OUT_WITHIN_MS = 1_000;

describe.skipIf(!chromiumAvailable)('signing in', () => {
  let home: HomeWithPage;
  let porch: PageCamera;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    porch = await home.addCamera('Porch');
  });
  afterAll(() => home.dispose());

  it.each(SIZES)('leads to where the address says ($size)', async (look) => {
    const at = `/cameras/${porch.id}`;
    const options = { ...look, journey: 'sign-in', at, signedIn: false };
    await home.visit(options, async ({ page, faults }) => {
      const person = new Person(page, look.size === 'phone' ? 'touch' : 'keyboard');
      await person.arrive('Sign in');
      expect(await faults()).toEqual([]);
      await person.fill('Your name', OWNER.username);
      await person.fill('Password', OWNER.password);
      await person.press('button', 'Sign in');
      await person.arrive('Porch');
      expect(new URL(page.url()).pathname).toBe(at);
      expect(await layoutShifts(page)).toEqual([]);
    });
  });

  it('says what is wrong with a password, and keeps the name', async () => {
    const options = { ...SIZES[0]!, journey: 'sign-in-refused', signedIn: false };
    await home.visit(options, async ({ page, shot }) => {
      const person = new Person(page, 'touch');
      await person.fill('Your name', OWNER.username);
      await person.fill('Password', 'not the password');
      await person.press('button', 'Sign in');
      expect(faultsOf(await untilTold(page))).toEqual([]);
      await shot();
      expect(await page.getByLabel('Your name').inputValue()).toBe(OWNER.username);
      expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');
    });
  });

  it('ends in every tab at once, live pictures too', async () => {
    await home.visit({ ...SIZES[1]!, journey: 'signed-out' }, async ({ page, context, shot }) => {
      await untilMoving(page, porch.id);
      const other = await context.newPage();
      await other.goto('/settings');
      // Who signs out while a page still asks who is watching is refused there, and the browser says so.
      for (const tab of [page, other]) {
        await tab.getByRole('button', { name: /^Who is watching/ }).waitFor();
      }
      await new Person(other, 'mouse').press('button', 'Sign out');
      await new Person(other, 'mouse').arrive('Sign in');
      await page
        .getByRole('heading', { name: 'Sign in' })
        .waitFor({ timeout: SIGNED_OUT_WITHIN_MS });
      await shot();
      expect(await page.locator('video').count()).toBe(0);
      // Nothing of the past is found by going back.
      await page.goBack().catch(() => undefined);
      expect(await page.locator('video').count()).toBe(0);
    });
  });
});
