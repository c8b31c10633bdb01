/** Two tabs of one browser: each has a place of its own. And the settings, by keyboard alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { OWNER } from '../doubles/doorkeep-server.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { Person } from '../fixtures/browser-person.ts';
import { untilMoving } from '../fixtures/browser-picture.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';
import { untilRecorded } from '../fixtures/household.ts';

const DESKTOP = SIZES[1]!;

describe.skipIf(!chromiumAvailable)('two tabs', () => {
  let home: HomeWithPage;
  let porch: PageCamera;
  let momentMs: number;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    porch = await home.addCamera('Porch');
    momentMs = (await untilRecorded(home.server, porch.id, 8)).fromMs + 2_000;
  });
  afterAll(() => home.dispose());

  it.each(SIZES)('keep each its own place: back, on, reload, rotation ($size)', async (look) => {
    await home.visit({ ...look, journey: 'two-tabs' }, async ({ page: one, context, shot }) => {
      const means = look.size === 'phone' ? 'touch' : 'mouse';
      const two = await context.newPage();
      const [first, second] = [new Person(one, means), new Person(two, means)];
      await first.press('link', /^Porch/);
      await first.arrive('Porch');
      await two.goto('/');
      await second.press('link', 'Cameras');
      await second.arrive('Cameras');
      await second.press('link', 'Change Porch');
      await second.arrive('Porch');

      await one.reload();
      await first.arrive('Porch');
      await untilMoving(one, porch.id);
      await two.goBack();
      await second.arrive('Cameras');
      await rotate(one);
      await first.arrive('Porch');
      expect(placesOf(one, two)).toEqual([`/camera/${porch.id}`, '/cameras']);

      await rotate(two);
      await two.reload();
      await second.arrive('Cameras');
      await two.goForward();
      await second.arrive('Porch');
      await one.goBack();
      await first.arrive('Home');
      expect(placesOf(one, two)).toEqual(['/', `/cameras/${porch.id}`]);
      await shot();
    });
  });

  it('one shows the past while the other shows now', async () => {
    const at = `/camera/${porch.id}`;
    const past = `${at}?at=${new Date(momentMs).toISOString()}`;
    await home.visit({ ...DESKTOP, journey: 'two-times', at: past }, async ({ page, context }) => {
      const person = new Person(page, 'mouse');
      await person.press('button', 'Pause');
      await page.getByText('paused', { exact: true }).waitFor();
      const other = await context.newPage();
      await other.goto(at);
      await untilMoving(other, porch.id);
      // The moment is the tab's own: beside the address, never in it.
      const paused = await momentOf(page);
      expect(paused).toBeGreaterThan(momentMs - 1);
      await other.reload();
      await untilMoving(other, porch.id);
      expect(await momentOf(other)).toBeUndefined();
      expect([page, other].map((tab) => new URL(tab.url()).search)).toEqual(['', '']);
      await page.bringToFront();
      await page.getByText('paused', { exact: true }).waitFor();
      expect(await momentOf(page)).toBe(paused);
      await person.press('button', 'Now');
      await page.getByText('live', { exact: true }).first().waitFor();
    });
  });

  it('a choice of looks is made with keys alone, for every tab, and stays', async () => {
    const options = { ...DESKTOP, journey: 'settings-keys', at: '/settings', signedIn: false };
    await home.visit(options, async ({ page, context, shot }) => {
      const person = new Person(page, 'keyboard');
      await person.fill('Your name', OWNER.username);
      await person.fill('Password', OWNER.password);
      await person.press('button', 'Sign in');
      await person.arrive('Settings');
      // Into the group with Tab, within it with the arrows, as groups of radio buttons are.
      await person.press('radio', 'Like the system');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowRight');
      expect(await page.getByRole('radio', { name: 'Dark' }).isChecked()).toBe(true);
      await expect.poll(() => groundOf(page)).toBe('rgb(23, 21, 18)');
      await shot();
      const other = await context.newPage();
      await other.goto('/exports');
      await new Person(other, 'keyboard').arrive('Exports');
      expect(await groundOf(other)).toBe('rgb(23, 21, 18)');
      await page.bringToFront();
      await page.keyboard.press('ArrowLeft');
      await expect.poll(() => groundOf(page)).toBe('rgb(246, 243, 238)');

      await person.press('link', 'Cameras', page.getByRole('region', { name: 'Where things are' }));
      await person.arrive('Cameras');
      await page.goBack();
      await person.arrive('Settings');
      await page.reload();
      await person.arrive('Settings');
      expect(await page.getByRole('radio', { name: 'Light' }).isChecked()).toBe(true);
      const phones = page.getByRole('switch', { name: /^Phones and computers at home/ });
      await phones.waitFor();
      await answerReach(page, home);
      await person.press('switch', /^Phones and computers at home/);
      await person.see('Phones at home may open it.');
      expect(await phones.isChecked()).toBe(true);
      await person.press('button', 'Undo');
      await expect.poll(() => phones.isChecked()).toBe(false);
      await person.press('button', 'Sign out');
      await person.arrive('Sign in');
    });
  });
});

/** Answers in the box's place who may open it: the real one would listen on the network of this machine. */
async function answerReach(page: Page, home: HomeWithPage): Promise<void> {
  const { body: settings } = await home.server.api<object>('GET', '/api/settings');
  await page.route('**/api/settings', async (route) => {
    if (route.request().method() !== 'PATCH') return route.fallback();
    const asked = route.request().postDataJSON() as object;
    await route.fulfill({ json: { ...settings, ...asked } });
  });
}

/** A screen on its side, and back again the next time. */
async function rotate(page: Page): Promise<void> {
  const { width = 0, height = 0 } = page.viewportSize() ?? {};
  await page.setViewportSize({ width: height, height: width });
}

function placesOf(...pages: readonly Page[]): string[] {
  return pages.map((page) => new URL(page.url()).pathname);
}

async function groundOf(page: Page): Promise<string> {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

/** What the tab keeps beside its address. */
async function momentOf(page: Page): Promise<number | undefined> {
  const state = (await page.evaluate(() => history.state as unknown)) as { atMs?: number } | null;
  return state?.atMs;
}
