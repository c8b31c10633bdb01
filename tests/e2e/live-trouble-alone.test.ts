/** A picture that stands still never looks live, and comes back by itself. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { colourOf, untilGrey, untilMoving } from '../fixtures/browser-picture.ts';
import { CLIPS } from '../fixtures/clips.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';

/** experience.md, rule 3: after the last frame was seen; and how long that one was on its way. */
const GREY_WITHIN_MS = 2_000;
const ON_ITS_WAY_MS = 400;

/** Of 255: what encoding and smoothing leave of a picture without colour. */
const GREY_AT_MOST = 6;
const COLOURFUL_AT_LEAST = 40;

/** The box notices after seconds, connects again, and waits for a key frame. */
const BACK_WITHIN_MS = 25_000;

const clock = new SystemClock();

describe.skipIf(!chromiumAvailable)('a live picture', () => {
  let home: HomeWithPage;
  let porch: PageCamera;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    porch = await home.addCamera('Porch');
  });
  afterAll(() => home.dispose());
  beforeEach(() => () => {
    porch.device.trouble.stall = false;
  });

  it.each([
    ['/', SIZES[0]!],
    ['camera', SIZES[1]!],
  ])('is grey and worded when its camera stalls, and comes back (%s)', async (place, look) => {
    const at = place === 'camera' ? `/camera/${porch.id}` : place;
    await home.visit({ ...look, journey: 'stalled', at }, async ({ page, shot }) => {
      await untilMoving(page, porch.id);
      expect(await colourOf(page, porch.id)).toBeGreaterThan(COLOURFUL_AT_LEAST);
      porch.device.trouble.stall = true;
      const greyMs = await untilGrey(page, porch.id, 2 * GREY_WITHIN_MS);
      const words = page.getByText(/no (new )?picture since \d|\d s behind/).first();
      await words.waitFor({ timeout: 200 });
      expect(greyMs).toBeLessThanOrEqual(GREY_WITHIN_MS + ON_ITS_WAY_MS);
      // Seen, not only styled; the change itself may take 200 ms.
      await clock.sleep(250);
      expect(await colourOf(page, porch.id)).toBeLessThan(GREY_AT_MOST);
      await shot();
      // Later with the reason that the box has found out.
      await page
        .getByText(/no picture since \d/)
        .first()
        .waitFor({ timeout: BACK_WITHIN_MS });
      porch.device.trouble.stall = false;
      porch.device.dropConnections();
      await untilMoving(page, porch.id, BACK_WITHIN_MS);
      await expect.poll(() => colourOf(page, porch.id)).toBeGreaterThan(COLOURFUL_AT_LEAST);
    });
  });

  it('is grey when the box is gone, and back by itself when the box is', async () => {
    const options = { ...SIZES[0]!, journey: 'box-gone' };
    await home.visit(options, async ({ page, watch, shot }) => {
      await untilMoving(page, porch.id);
      watch.allowUnreachable();
      await page.evaluate(() => {
        document.body.dataset['mark'] = 'before';
      });
      await home.kill();
      const greyMs = await untilGrey(page, porch.id, 2 * GREY_WITHIN_MS);
      expect(greyMs).toBeLessThanOrEqual(GREY_WITHIN_MS + ON_ITS_WAY_MS);
      await page
        .getByText(/Doorkeep does not answer|no new picture/)
        .first()
        .waitFor();
      await shot();
      await home.startAgain();
      await untilMoving(page, porch.id, BACK_WITHIN_MS);
      await page.getByText('live', { exact: true }).first().waitFor();
      await expect.poll(() => colourOf(page, porch.id)).toBeGreaterThan(COLOURFUL_AT_LEAST);
      // Nothing was loaded anew.
      expect(await page.evaluate(() => document.body.dataset['mark'])).toBe('before');
    });
  });

  it('costs nothing while the page is hidden', async () => {
    await home.visit({ ...SIZES[1]!, journey: 'hidden' }, async ({ page, context }) => {
      await untilMoving(page, porch.id);
      const other = await context.newPage();
      await other.bringToFront();
      // Headless browsers show every tab: the event is what a phone sends when it is put away.
      const cdp = await context.newCDPSession(page);
      await cdp.send('Emulation.setFocusEmulationEnabled', { enabled: false });
      await page.evaluate(() => {
        Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      });
      await expect
        .poll(async () => (await home.server.api<string>('GET', '/api/metrics')).body, {
          timeout: 5_000,
        })
        .toMatch(/doorkeep_live_viewers 0/);
      await page.evaluate(() => {
        Reflect.deleteProperty(document, 'visibilityState');
        document.dispatchEvent(new Event('visibilitychange'));
      });
      await untilMoving(page, porch.id);
    });
  });

  it('that this browser cannot decode is said in words', async () => {
    const h265 = { ...CLIPS.h265, gopSeconds: 1, seconds: 8 } as const;
    const barn = await home.addCamera('Barn', { main: h265, sub: 'none' });
    const options = { ...SIZES[0]!, journey: 'h265', at: `/camera/${barn.id}` };
    await home.visit(options, async ({ page, shot }) => {
      const words = page.getByText('This browser cannot show H.265, which this camera sends.');
      await words.waitFor();
      const hint = page.getByText(/Set the camera to H\.264, or open this page in Safari/);
      expect(await hint.isVisible()).toBe(true);
      await shot();
    });
  });
});
