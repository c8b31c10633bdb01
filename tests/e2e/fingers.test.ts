/// <reference lib="dom" />
/** The picture of one camera under the hand: two fingers, one finger, and none for a while. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { Fingers, type Spot } from '../fixtures/browser-fingers.ts';
import { sidewaysPx } from '../fixtures/browser-measures.ts';
import { Person } from '../fixtures/browser-person.ts';
import { picture, untilMoving } from '../fixtures/browser-picture.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';

const [PHONE, DESKTOP] = [SIZES[0]!, SIZES[1]!];

/** experience.md, the wall: eight times, and no more. */
const LARGEST = 8;

/** experience.md, rule 1. They are gone once the fading is over, too. */
const FADE_AFTER_MS = 3_000;
const FADED_WITHIN_MS = 4_500;
/** A touch that shows them is answered at once; they fade in within 200 ms. */
const BACK_WITHIN_MS = 1_000;

/** One picture each second, from the end of the one before. */
const STILLS = { count: 4, gapLeastMs: 900, gapMostMs: 3_000 };

describe.skipIf(!chromiumAvailable)('under the hand', () => {
  let home: HomeWithPage;
  let porch: PageCamera;
  let garage: PageCamera;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    porch = await home.addCamera('Porch');
    garage = await home.addCamera('Garage');
  });
  afterAll(() => home.dispose());

  it.each([{ upright: false }, { upright: true }])(
    'two fingers enlarge a picture to eight times (upright: $upright)',
    async ({ upright }) => {
      const at = `/camera/${porch.id}`;
      await home.visit({ ...PHONE, journey: 'pinch', at }, async ({ page, shot }) => {
        await untilMoving(page, porch.id);
        const fingers = await Fingers.on(page);
        const whole = await boxOf(picture(page, porch.id));
        const middle = middleOf(whole);
        const apart = { from: 60, to: 180, upright };
        await fingers.pinch(middle, apart);
        await page.getByRole('button', { name: /^3\.0 ×/ }).waitFor();
        // What was between the fingers is still there.
        const enlarged = await boxOf(picture(page, porch.id));
        expect(enlarged.width / whole.width).toBeCloseTo(3, 1);
        expect(middleOf(enlarged).x).toBeCloseTo(middle.x, -1);
        await fingers.pinch(middle, apart);
        await fingers.pinch(middle, apart);
        const reset = page.getByRole('button', { name: /^8\.0 ×.*show the whole picture$/ });
        await reset.waitFor();
        await shot();
        const largest = await boxOf(picture(page, porch.id));
        expect(largest.width / whole.width).toBeCloseTo(LARGEST, 1);
        expect(await sidewaysPx(page)).toBe(0);
        // One finger moves it now, and changes no camera.
        await fingers.swipe(middle, { ...middle, x: middle.x - 100 });
        await expect
          .poll(async () => (await boxOf(picture(page, porch.id))).x)
          .toBeCloseTo(largest.x - 100, -1);
        expect(new URL(page.url()).pathname).toBe(at);
        // The first touch after a swipe may only stop what it set in motion.
        await expect
          .poll(async () => {
            if (await reset.isVisible()) await reset.tap();
            return reset.count();
          })
          .toBe(0);
        expect(await boxOf(picture(page, porch.id))).toEqual(whole);
      });
    },
  );

  it('a swipe leads to the next camera and back, and one step back to the wall', async () => {
    await home.visit({ ...PHONE, journey: 'swipe' }, async ({ page }) => {
      const person = new Person(page, 'touch');
      await untilMoving(page, porch.id);
      await person.press('link', /^Porch/);
      await person.arrive('Porch');
      await untilMoving(page, porch.id);
      const fingers = await Fingers.on(page);
      const middle = middleOf(await boxOf(picture(page, porch.id)));
      const [left, right] = [-90, 90].map((by) => ({ ...middle, x: middle.x + by })) as [
        Spot,
        Spot,
      ];
      await fingers.swipe(right, left);
      await person.arrive('Garage');
      expect(new URL(page.url()).pathname).toBe(`/camera/${garage.id}`);
      await untilMoving(page, garage.id);
      await fingers.swipe(left, right);
      await person.arrive('Porch');
      // Up and down is no swipe, nor is a tap.
      await fingers.swipe(middle, { x: middle.x + 20, y: middle.y - 60 });
      await page.touchscreen.tap(middle.x, middle.y);
      await person.arrive('Porch');
      expect(new URL(page.url()).pathname).toBe(`/camera/${porch.id}`);
      await page.goBack();
      await person.arrive('Home');
    });
  });

  it.each([PHONE, DESKTOP])('controls over a picture go, and come back ($size)', async (look) => {
    const at = `/camera/${porch.id}`;
    await home.visit({ ...look, journey: 'fade', at }, async ({ page, shot }) => {
      const person = new Person(page, look.size === 'phone' ? 'touch' : 'keyboard');
      await untilMoving(page, porch.id);
      await person.press('button', 'Full screen');
      await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(true);
      const controls = page.getByRole('group', { name: 'The picture' });
      await untilOpacity(controls, 1);
      await stir(page, look.size);
      const beforeMs = await untilOpacity(controls, 0);
      expect(beforeMs).toBeGreaterThanOrEqual(FADE_AFTER_MS - 200);
      expect(beforeMs).toBeLessThanOrEqual(FADED_WITHIN_MS);
      await shot('gone');
      expect(await lyingOn(picture(page, porch.id))).toEqual([]);

      // A touch where a button lies unseen shows it, and presses nothing.
      if (look.size === 'phone') {
        const pause = middleOf(await boxOf(page.getByRole('button', { name: 'Pause' })));
        await page.touchscreen.tap(pause.x, pause.y);
      } else {
        await page.keyboard.press('Shift');
      }
      expect(await untilOpacity(controls, 1)).toBeLessThanOrEqual(BACK_WITHIN_MS);
      await page.getByRole('button', { name: 'Pause' }).waitFor();
      await page.getByText('live', { exact: true }).first().waitFor();
      await shot('back');
    });
  });

  it.each([PHONE, DESKTOP])('still pictures stand where nothing else can ($size)', async (look) => {
    const at = `/camera/${porch.id}`;
    const options = { ...look, journey: 'stills', at: 'none' };
    await home.visit(options, async ({ page, context, shot, faults }) => {
      await context.addInitScript(() => {
        for (const name of ['MediaSource', 'ManagedMediaSource', 'WebKitMediaSource']) {
          Reflect.deleteProperty(globalThis, name);
        }
      });
      await page.goto(at);
      await page.getByText('This browser can show only still pictures, one each second.').waitFor();
      await page.getByText('a still each second', { exact: true }).first().waitFor();
      const times: number[] = [];
      const pictures = new Set<string>();
      while (times.length < STILLS.count) {
        const answer = await page.waitForResponse((each) => each.url().includes('/snapshot'));
        expect(answer.status()).toBe(200);
        await answer.finished();
        times.push(await page.evaluate(() => new Promise<number>(requestAnimationFrame)));
        pictures.add(await drawn(page));
      }
      const gaps = times.slice(1).map((ms, index) => ms - times[index]!);
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(STILLS.gapLeastMs);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(STILLS.gapMostMs);
      expect(pictures.size).toBeGreaterThanOrEqual(STILLS.count - 1);
      await shot();
      expect(await faults()).toEqual([]);
      // The wall has no room for more than the words of the strip.
      await new Person(page, 'mouse').press('link', 'Home');
      await page.getByText('a still each second', { exact: true }).first().waitFor();
    });
  });
});

/** What a person does who only wants to see the controls. */
async function stir(page: Page, size: string): Promise<void> {
  if (size === 'phone') await page.touchscreen.tap(5, 200);
  else await page.keyboard.press('Shift');
}

/** Waits until something is as visible as that; answers after how many milliseconds. */
async function untilOpacity(thing: Locator, wanted: number): Promise<number> {
  return thing.evaluate(
    (element, opacity) =>
      new Promise<number>((resolve, reject) => {
        let beganMs: number | undefined;
        const look = (nowMs: number): void => {
          beganMs ??= nowMs;
          const tookMs = nowMs - beganMs;
          if (Number(getComputedStyle(element).opacity) === opacity) resolve(tookMs);
          else if (tookMs > 8_000) reject(new Error(`its opacity is not ${String(opacity)}`));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
    wanted,
  );
}

/** What can be seen or pressed on a picture that fills the screen, beside the picture itself. */
async function lyingOn(shown: Locator): Promise<string[]> {
  return shown.evaluate((video) => {
    const { left, top, width, height } = video.getBoundingClientRect();
    const found = new Set<string>();
    const each = 16;
    for (let x = left + each / 2; x < left + width; x += each) {
      for (let y = top + each / 2; y < top + height; y += each) {
        const there = document.elementFromPoint(x, y);
        if (there !== null && !/^(video|canvas)$/i.test(there.tagName)) {
          found.add(there.outerHTML.slice(0, 60));
        }
      }
    }
    return [...found];
  });
}

/** The still that is drawn, small, as text. */
async function drawn(page: Page): Promise<string> {
  return page
    .getByRole('figure')
    .locator('canvas')
    .first()
    .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL('image/jpeg', 0.5));
}

async function boxOf(
  thing: Locator,
): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await thing.boundingBox();
  if (box === null) throw new Error('it is not on the screen');
  return box;
}

function middleOf(box: { x: number; y: number; width: number; height: number }): Spot {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
