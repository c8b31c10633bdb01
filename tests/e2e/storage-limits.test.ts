/** Limits, and what no limit touches: set, asked, taken back, protected, let go; on the real store. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { SystemClock } from '../../server/base/clock.ts';
import type { ProtectedRanges } from '../../server/contract/protected.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { layoutShifts } from '../fixtures/browser-measures.ts';
import { Person } from '../fixtures/browser-person.ts';
import { untilMoving } from '../fixtures/browser-picture.ts';
import type { HomeWithPage, PageCamera } from '../fixtures/home-with-page.ts';
import { startHomeWithPast } from '../fixtures/home-with-page-past.ts';
import { rangesOf } from '../fixtures/household.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The store looks each minute what has to go. */
const GONE_WITHIN_MS = 90_000;

const WAYS = [
  { ...SIZES[0]!, means: 'touch' },
  { ...SIZES[1]!, means: 'keyboard' },
] as const;

const QUESTION = 'Delete the oldest of Front door?';

const clock = new SystemClock();

describe.skipIf(!chromiumAvailable)('what is kept', () => {
  const nowMs = clock.wallMs();
  const daysAgo = [20, 19, 12, 11, 3, 2];
  const past = daysAgo.map((days) => ({ fromMs: nowMs - days * DAY_MS, seconds: 4 * 16 }));
  let home: HomeWithPage;
  let door: PageCamera;

  beforeAll(async () => {
    ({ home, camera: door } = await startHomeWithPast(past));
  });
  afterAll(() => home.dispose());
  beforeEach(async () => {
    await home.server.api('PUT', `/api/storage/keep/${door.id}`, { days: null, bytes: null });
    for (const { id } of await protectedOf(home, door))
      await home.server.api('DELETE', `/api/protected/${id}`);
  });

  it.each(WAYS)('has a limit that deletes nothing, and the way back ($size)', async (way) => {
    const options = { ...way, journey: 'storage-limit', at: '/storage' };
    await home.visit(options, async ({ page, shot, faults }) => {
      const person = new Person(page, way.means);
      await person.see('Kept as long as there is room.');
      await person.press('button', 'Change how long Front door is kept');
      await person.fill('Days at most', 'a month');
      await person.see(/^Whole days, from 1 to 3,650\./);
      await person.fill('Days at most', '30');
      await person.see('Nothing goes at once.');
      expect(await faults()).toEqual([]);
      await person.press('button', 'Set it');
      await person.see('Front door keeps 30 days at most.');
      await person.see('Kept: 30 days at most, as long as there is room.');
      await shot('set');
      expect(await page.getByRole('dialog').count()).toBe(0);
      await person.press('button', 'Undo');
      await person.see('Kept as long as there is room.');
      expect(await layoutShifts(page)).toEqual([]);
    });
  });

  it('has a limit that is asked for, with what goes at once', async () => {
    const way = WAYS[0];
    const options = { ...way, journey: 'storage-loss', at: '/storage' };
    await home.visit(options, async ({ page, faults }) => {
      const person = new Person(page, way.means);
      await setDays(person, '15');
      const question = page.getByRole('dialog', { name: QUESTION });
      await question
        .getByText(/^2 min, \d[\d.]* MB of Front door go at once: .+ to .+\.$/)
        .waitFor();
      expect(await faults()).toEqual([]);
      await page.keyboard.press('Escape');
      await question.waitFor({ state: 'hidden' });
      expect(await daysOf(home, door)).toBe(daysAgo.length);
      await person.press('button', 'Set it');
      await person.press('button', 'Delete it');
      await person.see('Kept: 15 days at most, as long as there is room.');
      // What does not come back has no Undo.
      expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    });
  });

  it(
    'deletes it then, by keyboard alone, and keeps what is protected',
    { timeout: 2 * GONE_WITHIN_MS },
    async () => {
      const way = WAYS[1];
      const held = past[2]!;
      await protect(home, door, held.fromMs, held.fromMs + 30_000);
      const options = { ...way, journey: 'storage-loss', at: '/storage' };
      await home.visit(options, async ({ page, faults }) => {
        const person = new Person(page, way.means);
        await page.getByRole('list', { name: 'Protected footage of Front door' }).waitFor();
        await setDays(person, '5');
        const question = page.getByRole('dialog', { name: QUESTION });
        await question.getByText(/of Front door go at once/).waitFor();
        expect(await faults()).toEqual([]);
        await person.press('button', 'Delete it');
        await person.see('Kept: 5 days at most, as long as there is room.');
        await expect.poll(() => daysOf(home, door), { timeout: GONE_WITHIN_MS }).toBe(3);
        const ranges = await rangesOf(home.server, door.id);
        expect(
          ranges.some(({ fromMs, toMs }) => fromMs <= held.fromMs + 1_000 && toMs > fromMs),
        ).toBe(true);
      });
    },
  );

  it.each(WAYS)(
    'has stretches that nothing deletes: protected where they are seen ($size)',
    async (way) => {
      const seen = past.at(-1)!;
      const at = `/camera/${door.id}?at=${new Date(seen.fromMs + 20_000).toISOString()}`;
      await home.visit({ ...way, journey: 'protect', at }, async ({ page, shot, faults }) => {
        const person = new Person(page, way.means);
        await untilMoving(page, door.id);
        if (way.means === 'keyboard') await page.keyboard.press('p');
        else await person.press('button', 'Protect');
        await person.see(/ is protected\.$/);
        const toggle = page.getByRole('button', { name: 'Protect', pressed: true });
        await toggle.waitFor();
        const hour = hourInBerlin(seen.fromMs + 20_000);
        const row = page.getByRole('button', { name: new RegExp(`^${hour}`) }).first();
        await expect
          .poll(() => describedBy(page, row))
          .toMatch(/Protected: \d\d:\d\d to \d\d:\d\d\./);
        await row.scrollIntoViewIfNeeded();
        expect(await faults()).toEqual([]);
        // The same press lets go of it, and Undo takes that back.
        if (way.means === 'keyboard') await page.keyboard.press('p');
        else await person.press('button', 'Protect');
        await person.see(/ is no longer protected\.$/);
        await person.press('button', 'Undo');
        await toggle.waitFor();

        await person.press('link', 'Storage');
        const list = page.getByRole('list', { name: 'Protected footage of Front door' });
        await list.waitFor();
        await list.scrollIntoViewIfNeeded();
        await shot('listed');
        await person.press('button', /^Let go: /);
        await list.waitFor({ state: 'hidden' });
        await person.press('button', 'Undo');
        await list.waitFor();
        expect(await list.getByRole('listitem').count()).toBe(1);
        await person.press('link', /^See Front door, /);
        await person.arrive('Front door');
      });
    },
  );

  it('protects what is marked, with I, O and P', async () => {
    const seen = past.at(-1)!;
    const at = `/camera/${door.id}?at=${new Date(seen.fromMs + 5_000).toISOString()}`;
    await home.visit({ ...SIZES[1]!, journey: 'protect-marked', at }, async ({ page, shot }) => {
      const person = new Person(page, 'keyboard');
      await untilMoving(page, door.id);
      await page.keyboard.press('i');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('o');
      await page.getByRole('button', { name: 'Protect it' }).waitFor();
      await shot();
      await page.keyboard.press('p');
      await person.see(/ is protected\.$/);
      // What was marked has had its use.
      await page.getByRole('button', { name: 'Protect', exact: true }).waitFor();
      const [range, ...others] = await protectedOf(home, door);
      expect(others).toEqual([]);
      expect(Date.parse(range!.to) - Date.parse(range!.from)).toBeLessThan(60_000);
    });
  });
});

async function setDays(person: Person, days: string): Promise<void> {
  await person.press('button', 'Change how long Front door is kept');
  await person.fill('Days at most', days);
  await person.see(/go at once: /);
  await person.press('button', 'Set it');
}

/** On how many of the days before today there is footage. */
async function daysOf(home: HomeWithPage, { id }: PageCamera): Promise<number> {
  const ranges = await rangesOf(home.server, id);
  const old = ranges.filter(({ toMs }) => toMs < clock.wallMs() - DAY_MS);
  return new Set(old.map(({ fromMs }) => Math.round(fromMs / DAY_MS))).size;
}

async function protectedOf(
  home: HomeWithPage,
  { id }: PageCamera,
): Promise<ProtectedRanges['ranges']> {
  const always = 'from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z';
  const path = `/api/protected?camera=${id}&${always}`;
  return (await home.server.api<ProtectedRanges>('GET', path)).body.ranges;
}

async function protect(
  home: HomeWithPage,
  { id }: PageCamera,
  fromMs: number,
  toMs: number,
): Promise<void> {
  const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
  const answer = await home.server.api('POST', '/api/protected', { camera: id, from, to });
  expect(answer.status).toBe(201);
}

/** "14:00", of the hour in which a moment lies. */
function hourInBerlin(ms: number): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: 'Europe/Berlin', hour: '2-digit', hourCycle: 'h23' },
  });
  return `${format.format(ms).slice(0, 2)}:00`;
}

/** What screen readers say of it beyond its name. */
async function describedBy(page: Page, thing: ReturnType<Page['getByRole']>): Promise<string> {
  const id = (await thing.getAttribute('aria-describedby')) ?? '';
  return id === '' ? '' : ((await page.locator(`[id="${id}"]`).textContent()) ?? '');
}
