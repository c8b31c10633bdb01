/** Live and past in one place: any moment of yesterday, back to now, and the place that is kept. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { SystemClock } from '../../server/base/clock.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { layoutShifts } from '../fixtures/browser-measures.ts';
import { Person } from '../fixtures/browser-person.ts';
import {
  coveredShare,
  framesShown,
  shownNumber,
  untilMoving,
} from '../fixtures/browser-picture.ts';
import type { HomeWithPage, PageCamera } from '../fixtures/home-with-page.ts';
import { PAST_CLIP, pastFrame, startHomeWithPast } from '../fixtures/home-with-page-past.ts';

/** experience.md, rule 4: a gesture is a press, a key, or a drag. */
const GESTURES_TO_YESTERDAY = 3;

/** What may lie between the moment that was touched and the picture: a second at the edge of a
 * phone, where an hour is as wide as the screen, is a tenth of a pixel. */
const MOMENT_OFF_BY_MS = 15_000;

/** The clock of the strip shows whole seconds; the picture may be from the second's other end. */
const PICTURE_OFF_BY_FRAMES = 20;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const clock = new SystemClock();

/** Yesterday in the zone of the browser under test, at this hour. */
function yesterdayAt(hour: number, minute = 0): number {
  const noonMs = clock.wallMs() - DAY_MS;
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' }).format(noonMs);
  const utcMs = Date.parse(`${day}T${two(hour)}:${two(minute)}:00Z`);
  const there = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'medium' },
  });
  const seenMs = Date.parse(`${there.format(utcMs).replace(' ', 'T')}Z`);
  return utcMs - (seenMs - utcMs);
}

const two = (value: number): string => String(value).padStart(2, '0');

describe.skipIf(!chromiumAvailable)('the past', () => {
  const morning = { fromMs: yesterdayAt(10), seconds: 40 * 16 };
  const afternoon = { fromMs: yesterdayAt(15, 30), seconds: 8 * 16 };
  let home: HomeWithPage;
  let door: PageCamera;

  beforeAll(async () => {
    ({ home, camera: door } = await startHomeWithPast([morning, afternoon]));
  });
  afterAll(() => home.dispose());

  it.each(SIZES)('is three gestures away, and now is one ($size)', async (look) => {
    const at = `/camera/${door.id}`;
    await home.visit({ ...look, journey: 'past', at }, async ({ page, shot, faults }) => {
      const person = new Person(page, look.size === 'phone' ? 'touch' : 'mouse');
      await untilMoving(page, door.id);
      await person.press('button', /^Day before/);
      await page.getByRole('heading', { name: 'Yesterday' }).waitFor();
      await shot('yesterday');
      await touchHour(person, '10:00', 0.1);
      expect(person.inputs).toBeLessThanOrEqual(GESTURES_TO_YESTERDAY);
      await untilPast(page, door.id);

      const seenMs = await seenMoment(page);
      expect(Math.abs(seenMs - (morning.fromMs + 6 * MINUTE_MS))).toBeLessThan(MOMENT_OFF_BY_MS);
      // What the strip says is what is seen: each picture carries its number.
      await person.press('button', 'Pause');
      await page.getByText('paused', { exact: true }).waitFor();
      const number = await shownNumber(page, door.id);
      const wanted = pastFrame(morning, await seenMoment(page));
      const frames = PAST_CLIP.seconds * PAST_CLIP.fps;
      const off = Math.min(
        (number - wanted + frames) % frames,
        (wanted - number + frames) % frames,
      );
      expect(off).toBeLessThanOrEqual(PICTURE_OFF_BY_FRAMES);

      expect(await faults()).toEqual([]);
      expect(await coveredShare(page, door.id)).toBeLessThanOrEqual(0.06);
      expect(await layoutShifts(page)).toEqual([]);

      const before = person.inputs;
      await person.press('button', 'Now');
      expect(person.inputs - before).toBe(1);
      await page.getByText('live', { exact: true }).first().waitFor();
      await untilMoving(page, door.id);
      expect(new URL(page.url()).search).toBe('');
    });
  });

  it.each(SIZES)('keeps the place over rotation, reload and back ($size)', async (look) => {
    const wantedMs = afternoon.fromMs + MINUTE_MS;
    const at = `/camera/${door.id}?at=${new Date(wantedMs).toISOString()}`;
    await home.visit({ ...look, journey: 'place', at }, async ({ page, shot }) => {
      const near = async (): Promise<void> => {
        await untilPast(page, door.id);
        const offMs = (await seenMoment(page)) - wantedMs;
        // It plays meanwhile: later is right, another place is not.
        expect(offMs).toBeGreaterThan(-MOMENT_OFF_BY_MS);
        expect(offMs).toBeLessThan(40_000);
      };
      await near();
      const { width = 0, height = 0 } = page.viewportSize() ?? {};
      await page.setViewportSize({ width: height, height: width });
      await near();
      await shot('rotated');
      await page.setViewportSize({ width, height });
      await near();
      await page.reload();
      await near();
      const person = new Person(page, 'mouse');
      await person.press('link', 'Settings');
      await person.arrive('Settings');
      await page.goBack();
      await near();
    });
  });

  it('says why something is missing, and goes on where it is not', async () => {
    const at = `/camera/${door.id}`;
    await home.visit({ ...SIZES[0]!, journey: 'missing', at }, async ({ page, shot }) => {
      const person = new Person(page, 'touch');
      await person.press('button', /^Day before/);
      await page.getByRole('heading', { name: 'Yesterday' }).waitFor();
      await touchHour(person, '12:00', 0.5);
      await page.getByText(/^10:10 to 15:30: \p{Lu}/u).waitFor();
      await shot();
      await person.press('button', 'Go on at 15:30');
      await untilPast(page, door.id);
      expect(Math.abs((await seenMoment(page)) - afternoon.fromMs)).toBeLessThan(10_000);
    });
  });

  it('is reached, walked and left by keyboard alone', async () => {
    const at = `/camera/${door.id}`;
    await home.visit({ ...SIZES[1]!, journey: 'past-keys', at }, async ({ page }) => {
      const person = new Person(page, 'keyboard');
      await untilMoving(page, door.id);
      await person.press('button', /^Day before/);
      await page.getByRole('heading', { name: 'Yesterday' }).waitFor();
      // Into the list with Tab, up and down its hours with the arrows, Enter chooses.
      const hour = page.getByRole('button', { name: /^10:00/ });
      for (let key = 0; key < 20 && !(await hasFocus(page, /^10:00/)); key += 1) {
        const inList = await hasFocus(page, /^\d\d:00/);
        await page.keyboard.press(inList ? 'ArrowDown' : 'Tab');
      }
      expect(await hour.evaluate((element) => element === document.activeElement)).toBe(true);
      // To the minute within the hour.
      for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'Enter']) {
        await page.keyboard.press(key);
      }
      await untilPast(page, door.id);
      const startMs = await seenMoment(page);
      const offMs = startMs - (morning.fromMs + 2 * MINUTE_MS);
      expect(Math.abs(offMs)).toBeLessThan(MOMENT_OFF_BY_MS);
      // From here on with the keys of the page, wherever the focus is.
      await page.evaluate(() => {
        (document.activeElement as HTMLElement).blur();
      });
      await page.keyboard.press('Shift+ArrowRight');
      await expect.poll(() => seenMoment(page)).toBeGreaterThan(startMs + 50_000);
      await page.keyboard.press('Space');
      await page.getByText('paused', { exact: true }).waitFor();
      expect(await framesShown(page, door.id, 500)).toBeLessThanOrEqual(1);
      await page.keyboard.press('l');
      await page.getByText('live', { exact: true }).first().waitFor();
    });
  });
});

/** Touches an hour of the list at a share of its width. */
async function touchHour(person: Person, hour: string, share: number): Promise<void> {
  const row = person.page.getByRole('button', { name: new RegExp(`^${hour}`) });
  await row.scrollIntoViewIfNeeded();
  const box = await row.locator('.hour-track').boundingBox();
  if (box === null) throw new Error(`${hour} is not on the screen`);
  const [x, y] = [box.x + box.width * share, box.y + box.height / 2];
  person.inputs += 1;
  if (person.means === 'touch') await person.page.touchscreen.tap(x, y);
  else await person.page.mouse.click(x, y);
}

/** Only the past has a date in its strip. */
const seenTime = (page: Page): Locator => page.getByRole('figure').locator('time[datetime]');

/** Waits until the picture of a past moment moves. */
async function untilPast(page: Page, cameraId: string): Promise<void> {
  await seenTime(page).waitFor();
  await untilMoving(page, cameraId);
}

/** What the strip says is seen. */
async function seenMoment(page: Page): Promise<number> {
  return Date.parse((await seenTime(page).getAttribute('datetime')) ?? '');
}

/** Whether what has the focus is called so. */
async function hasFocus(page: Page, name: RegExp): Promise<boolean> {
  return page.evaluate(
    (source) => new RegExp(source).test(document.activeElement?.getAttribute('aria-label') ?? ''),
    name.source,
  );
}
