/// <reference lib="dom" />
/** The sheet, the lock and what they are for: set up, locked, unlocked, recovered, made anew. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import { OWNER } from '../doubles/doorkeep-server.ts';
import { chromiumAvailable, LOOKS, SIZES } from '../fixtures/browser.ts';
import { layoutShifts } from '../fixtures/browser-measures.ts';
import { Person } from '../fixtures/browser-person.ts';
import { untilMoving } from '../fixtures/browser-picture.ts';
import { HomeWithPage, type PageCamera, type Visit } from '../fixtures/home-with-page.ts';
import { startHomeWithPast } from '../fixtures/home-with-page-past.ts';
import { rangesOf, untilRecorded } from '../fixtures/household.ts';
import { keyOnSheet } from '../fixtures/recovery-sheet.ts';

/** experience.md, rule 7. */
const LOCKED_WITHIN_MS = 1_000;

/** Another browser looks every 10 s. */
const ELSEWHERE_WITHIN_MS = 12_000;

/** How much later than the place that was kept the picture may be: it plays meanwhile. */
const PLAYED_MEANWHILE_MS = 15_000;

const SENTENCE = 'Locked. Live goes on; the past opens with your password.';
const END = 'The last four characters of the key';
const PASSWORD = 'Your password';
const ANOTHER = 'four even wombats at noon';

const clock = new SystemClock();

describe.skipIf(!chromiumAvailable)('the recovery sheet', () => {
  let home: HomeWithPage;

  beforeEach(async () => {
    home = await HomeWithPage.start({ setUp: false });
    return () => home.dispose();
  });

  it('is printed, saved or copied and typed back at set-up, and brings back who lost the password', async () => {
    const code = (await readFile(join(home.server.dataPath, 'setup-token'), 'utf8')).trim();
    const look = { ...SIZES[0]!, journey: 'sheet', at: `/#code=${code}`, signedIn: false };
    await home.visit(look, async ({ page, context, faults, watch }) => {
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      const person = new Person(page, 'touch');
      await person.fill('Your name', OWNER.username);
      await person.fill('Password', OWNER.password);
      await person.press('button', 'Go on');
      await person.arrive('Your recovery sheet');
      const key = await keyOnSheet(page);
      expect(key).toMatch(/^AGE-SECRET-KEY-1[0-9A-Z]{58}$/);
      expect(await faults()).toEqual([]);

      const arriving = page.waitForEvent('download');
      await person.press('button', 'Save');
      const file = await readFile(await (await arriving).path(), 'utf8');
      expect(file.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
        key,
      ]);
      await person.press('button', 'Copy');
      await person.see(/^Copied\./);
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);
      expect(await onPaper(page)).toEqual({ sheet: true, others: [] });

      // Who has not looked cannot go on.
      await person.fill(END, 'AAAA');
      await person.press('button', 'Go on');
      await person.see('The key ends differently. Look at its last group on the sheet.');
      await person.fill(END, key.slice(-4).toLowerCase());
      await person.press('button', 'Go on');
      await person.arrive('Add your first camera');
      expect(await kept(page)).not.toContain(key);
      expect(watch.requests.filter((address) => address.includes(key))).toEqual([]);
      expect(await layoutShifts(page)).toEqual([]);

      await recover(person, { key, faults });
    });
  });

  /** Signs out, forgets the password, sets another one and signs in with it. */
  async function recover(
    person: Person,
    { key, faults }: { readonly key: string; readonly faults: Visit['faults'] },
  ): Promise<void> {
    const { page } = person;
    await person.press('link', 'Settings');
    await person.press('button', 'Sign out');
    await person.arrive('Sign in');
    await person.press('button', 'Forgot the password?');
    await person.arrive('Forgot the password?');
    expect(await faults('lost')).toEqual([]);
    await person.fill('Your name', OWNER.username);
    await person.fill('Recovery key', `${key.slice(0, -1)}${key.endsWith('Q') ? 'P' : 'Q'}`);
    await person.fill('New password', ANOTHER);
    await person.press('button', 'Set the new password');
    await besides(page, 'Recovery key', /recovery key is not right/);
    await person.fill('Recovery key', key.replaceAll(/.{6}/g, '$& ').toLowerCase());
    await person.fill('New password', 'password');
    await person.press('button', 'Set the new password');
    await besides(page, 'New password', /\w/);
    await person.fill('New password', ANOTHER);
    await person.press('button', 'Set the new password');
    await person.arrive('Sign in');
    await person.see('Your new password is set.');
    await person.fill('Your name', OWNER.username);
    await person.fill('Password', ANOTHER);
    await person.press('button', 'Sign in');
    await person.arrive('Settings');
    await page.getByRole('button', { name: 'Lock', exact: true }).waitFor();
  }
});

describe.skipIf(!chromiumAvailable)('the lock', () => {
  const past = { fromMs: clock.wallMs() - 3 * 3_600_000, seconds: 40 * 16 };
  let home: HomeWithPage;
  let door: PageCamera;

  beforeAll(async () => {
    ({ home, camera: door } = await startHomeWithPast([past]));
  });
  afterAll(() => home.dispose());
  beforeEach(async () => {
    await home.server.signIn();
  });

  const atPast = (): string =>
    `/camera/${door.id}?at=${new Date(past.fromMs + 60_000).toISOString()}`;

  it.each(LOOKS)('closes the past on every page, calmly ($size, $theme)', async (look) => {
    const options = { ...look, journey: 'lock', at: atPast() };
    await home.visit(options, async ({ page, context, faults, shot }) => {
      const person = new Person(page, look.size === 'phone' ? 'touch' : 'mouse');
      await untilMoving(page, door.id);
      const other = await context.newPage();
      await other.goto('/settings');
      await new Person(other, person.means).press('button', 'Lock');
      await page.getByText(SENTENCE).waitFor({ timeout: LOCKED_WITHIN_MS });
      expect(await pastPictures(page)).toEqual([]);
      await other.close();
      const placeMs = await placeOf(page);
      await shot('page');
      await expectCalm(page);
      // Wrong tries are counted, so not each look has one.
      if (SIZES.some(({ size, theme }) => size === look.size && theme === look.theme)) {
        expect(await faults()).toEqual([]);
        await person.fill(PASSWORD, 'not the password');
        await person.press('button', 'Open the past');
        await besides(page, PASSWORD, /password is not right/);
        await shot('wrong');
      }
      await person.fill(PASSWORD, OWNER.password);
      await person.press('button', 'Open the past');
      await untilMoving(page, door.id);
      const backMs = await placeOf(page);
      expect(backMs - placeMs).toBeGreaterThanOrEqual(-1_000);
      expect(backMs - placeMs).toBeLessThan(PLAYED_MEANWHILE_MS);
    });
  });

  it('is learnt in another browser, where live goes on', async () => {
    const options = { ...SIZES[0]!, journey: 'lock-elsewhere', at: atPast() };
    await home.visit(options, async ({ page, shot }) => {
      await untilMoving(page, door.id);
      const answer = await home.server.api('POST', '/api/lock');
      expect(answer.status).toBe(204);
      await page.getByText(SENTENCE).waitFor({ timeout: ELSEWHERE_WITHIN_MS });
      expect(await pastPictures(page)).toEqual([]);
      await expectCalm(page);
      await new Person(page, 'touch').press('button', 'Now');
      await untilMoving(page, door.id);
      await page.getByText(SENTENCE).waitFor();
      await shot('live');
      await expectCalm(page);
    });
  });

  it('is locked and unlocked by keyboard alone', async () => {
    const options = { ...SIZES[1]!, journey: 'lock-keys', at: atPast() };
    await home.visit(options, async ({ page, shot }) => {
      await untilMoving(page, door.id);
      await page.keyboard.press('k');
      await page.getByText(SENTENCE).waitFor();
      expect(await pastPictures(page)).toEqual([]);
      // The same key leads to the form, wherever the focus was.
      await page.keyboard.press('k');
      await page.keyboard.type(OWNER.password);
      await page.keyboard.press('Enter');
      await untilMoving(page, door.id);
      // Where a page shows no past, in a dialog.
      const person = new Person(page, 'keyboard');
      await person.press('link', 'Home');
      await person.arrive('Home');
      await page.keyboard.press('k');
      await person.press('button', 'Unlock');
      await page.getByRole('dialog', { name: 'Unlock' }).waitFor();
      await shot('dialog');
      await page.keyboard.type(OWNER.password);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Lock', exact: true }).waitFor();
      expect(await page.getByRole('dialog').count()).toBe(0);
    });
  });

  it('asks nothing of the box while a wall is idle', async () => {
    await home.visit({ ...SIZES[1]!, journey: 'lock-idle' }, async ({ page, watch }) => {
      await untilMoving(page, door.id);
      const before = watch.requests.length;
      await clock.sleep(ELSEWHERE_WITHIN_MS);
      const asked = watch.requests.slice(before);
      expect(asked.filter((address) => address.includes('/api/session'))).toEqual([]);
    });
  });

  it.each(SIZES)('stands before a copy, which then goes on ($size)', async (look) => {
    await untilRecorded(home.server, door.id, 6);
    const { fromMs } = (await rangesOf(home.server, door.id)).at(-1)!;
    await home.visit({ ...look, journey: 'lock-export', at: '/exports' }, async (visit) => {
      const { page, shot } = visit;
      const person = new Person(page, look.size === 'phone' ? 'touch' : 'keyboard');
      await page.getByRole('button', { name: 'Make a copy' }).waitFor();
      const ready = page.getByText(/^Ready/);
      const before = await ready.count();
      await person.press('button', 'Make a copy');
      await person.fill('From', inBerlin(fromMs + 1_000));
      await person.fill('To', inBerlin(fromMs + 4_000));
      await person.fill(PASSWORD, OWNER.password);
      await home.server.api('POST', '/api/lock');
      await person.press('button', 'Make the copy');
      const way = page.getByRole('form', { name: 'Unlock' });
      await way.waitFor();
      await expectCalm(page);
      await shot('asked');
      await person.fill(PASSWORD, OWNER.password);
      await person.press('button', 'Open the past', way);
      await expect.poll(() => ready.count(), { timeout: 20_000 }).toBe(before + 1);

      await home.server.api('POST', '/api/lock');
      const card = page.getByRole('article').first();
      await person.press('button', 'Fetch the file', card);
      const there = card.getByRole('form', { name: 'Unlock' });
      await there.waitFor();
      await expectCalm(page);
      expect(await visit.faults('file')).toEqual([]);
      // The field has the focus already.
      await page.keyboard.type(OWNER.password);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.keyboard.press('Enter'),
      ]);
      expect(download.suggestedFilename()).toMatch(/\.mp4$/);
    });
  });

  it.each(SIZES)('has a new key, after what it means was said ($size)', async (look) => {
    await home.visit({ ...look, journey: 'new-key', at: '/storage' }, async (visit) => {
      const { page, faults, shot } = visit;
      const person = new Person(page, look.size === 'phone' ? 'touch' : 'keyboard');
      await person.see(/^sam can open the past\./);
      await shot('section');
      await person.press('button', 'Lock now');
      await person.see(SENTENCE);
      await person.press('button', 'New key…');
      await person.see(/The old sheet opens nothing that is recorded from then on/);
      expect(await faults('asked')).toEqual([]);
      if (look.size === 'phone') {
        await person.fill(PASSWORD, 'not the password');
        await person.press('button', 'Make a new key');
        await besides(page, PASSWORD, /password is not right/);
      }
      await person.fill(PASSWORD, OWNER.password);
      await person.press('button', 'Make a new key');
      await person.arrive('Your recovery sheet');
      expect(await faults('sheet')).toEqual([]);
      const key = await keyOnSheet(page);
      await person.fill(END, key.slice(-4));
      await person.press('button', 'Go on');
      await person.arrive('Storage');
      await person.see(/The key is number \d/);
      expect(await kept(page)).not.toContain(key);
    });
  });
});

/** What is left of the past on a page: a line each. */
function pastPictures(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('figure video, figure canvas')].map(({ outerHTML }) => outerHTML),
  );
}

/** A state, not an error. */
async function expectCalm(page: Page): Promise<void> {
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(await page.getByText(/\b423\b/).count()).toBe(0);
}

/** The moment in the strip of the picture, there or not. */
async function placeOf(page: Page): Promise<number> {
  const time = page.getByRole('figure').locator('time[datetime]');
  return Date.parse((await time.getAttribute('datetime')) ?? '');
}

/** Waits until this stands beside a field, as what is wrong with it. */
async function besides(page: Page, label: string, words: RegExp): Promise<void> {
  const field = page.getByLabel(label, { exact: true });
  await field.and(page.locator('[aria-invalid=true]')).waitFor();
  const id = (await field.getAttribute('aria-describedby')) ?? '';
  expect(await page.locator(`[id="${id}"]`).textContent()).toMatch(words);
}

/** Everything that the browser keeps for this page beyond the tab. */
function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const names = await caches.keys();
    const bases = (await indexedDB.databases()).map(({ name }) => name);
    const stores = [localStorage, sessionStorage].map((store) => Object.entries(store));
    const place = [location.href, history.state as unknown];
    return JSON.stringify([stores, document.cookie, names, bases, place]);
  });
}

/** What of the page would be printed. */
async function onPaper(page: Page): Promise<{ sheet: boolean; others: string[] }> {
  await page.emulateMedia({ media: 'print' });
  const printed = await page.evaluate(() => {
    const sheet = document.querySelector('.sheet');
    const others = [...document.querySelectorAll('h1, button, input, label, p')]
      .filter((part) => sheet?.contains(part) === false && part.checkVisibility())
      .map(({ textContent }) => textContent);
    return { sheet: sheet?.checkVisibility() === true, others };
  });
  await page.screenshot({ path: join('tests', 'output', 'screenshots', 'sheet-on-paper.png') });
  await page.emulateMedia({ media: 'screen' });
  return printed;
}

/** A moment as `datetime-local` takes it, in the time zone of the browser under test. */
function inBerlin(ms: number): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'medium' },
  });
  return format.format(ms).replace(' ', 'T');
}
