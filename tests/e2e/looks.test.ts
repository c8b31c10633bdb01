/// <reference lib="dom" />
/** Pages as they are on a day with troubles: a camera that does not answer, a copy half made. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import type { Export } from '../../server/contract/export.ts';
import { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { loadClip } from '../doubles/rtsp-camera/clip.ts';
import { until } from '../doubles/doorkeep-server.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { pictureShape, untilMoving } from '../fixtures/browser-picture.ts';
import { CLIPS, makeClip } from '../fixtures/clips.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';
import {
  addCamera,
  askForExport,
  cameraOf,
  untilEnded,
  untilRecorded,
} from '../fixtures/household.ts';

/** As long as those of cameras that are sold, and longer than a phone is wide. */
const LONG_PATH = '/Streaming/Channels/Preview_01_main/Profile_of_the_front_door';

/** The box notices within seconds that a camera does not answer any more. */
const NOTICED_WITHIN_MS = 40_000;

/** What a picture leaves free above itself, it may leave free below: two pixels are rounding. */
const BAND_DIFFERS_AT_MOST_PX = 2;

describe.skipIf(!chromiumAvailable)('on a day with troubles', () => {
  let home: HomeWithPage;
  let empty: HomeWithPage;
  let porch: PageCamera;
  let silentId: string;

  beforeAll(async () => {
    [home, empty] = await Promise.all([HomeWithPage.start(), HomeWithPage.start({ setUp: false })]);
    porch = await home.addCamera('Porch');
    const clip = await loadClip(await makeClip({ ...CLIPS.small, gopSeconds: 1, seconds: 8 }));
    const device = home.adopt(await RtspCamera.start({ streams: { [LONG_PATH]: clip } }));
    const source = { type: 'rtsp', url: device.url(LONG_PATH) } as const;
    silentId = (await addCamera(home.server, { name: 'Back garden', source })).id;
    const { fromMs } = await untilRecorded(home.server, porch.id, 5);
    const range = { fromMs, toMs: fromMs + 4_000 };
    await untilEnded(home.server, (await askForExport(home.server, porch.id, range)).id);
    await device.close();
    await until(async () => (await cameraOf(home.server, silentId)).state !== 'online', {
      ...{ withinMs: NOTICED_WITHIN_MS, what: 'the silence of a camera' },
    });
  });
  afterAll(async () => {
    await Promise.all([home.dispose(), empty.dispose()]);
  });

  it.each(SIZES)('every page is fit to be seen ($size)', async (look) => {
    const findings: string[] = [];
    const places: Record<string, string> = {
      wall: '/',
      silent: `/camera/${silentId}`,
      cameras: '/cameras',
      address: `/cameras/${silentId}`,
      storage: '/storage',
      settings: '/settings',
    };
    for (const [name, at] of Object.entries(places)) {
      await home.visit({ ...look, journey: 'looks', at }, async ({ page, faults }) => {
        await page.getByRole('heading', { level: 1 }).waitFor();
        if (name === 'wall') await untilMoving(page, porch.id);
        if (name === 'silent')
          await page
            .getByText(/does not answer/)
            .first()
            .waitFor();
        await page.waitForLoadState('networkidle');
        findings.push(...(await faults(name)).map((line) => `${name}: ${line}`));
        findings.push(...(await clippedWords(page)).map((line) => `${name}, clipped: ${line}`));
      });
    }
    await empty.visit({ ...look, journey: 'looks', signedIn: false }, async ({ page, faults }) => {
      await page.getByRole('heading', { level: 1 }).waitFor();
      findings.push(...(await faults('set-up')).map((line) => `set-up: ${line}`));
      findings.push(...(await clippedWords(page)).map((line) => `set-up, clipped: ${line}`));
    });
    expect(findings).toEqual([]);
  });

  it.each(SIZES)('a copy half made says how far it is ($size)', async (look) => {
    await home.visit({ ...look, journey: 'looks', at: 'none' }, async ({ page, faults }) => {
      // A few seconds are copied faster than anybody looks: the answer is held at its middle.
      const { body } = await home.server.api<{ exports: Export[] }>('GET', '/api/exports');
      const exports = body.exports.map((made) => ({ ...made, state: 'running', progress: 0.4 }));
      await page.route('**/api/exports', (route) => route.fulfill({ json: { ...body, exports } }));
      await page.goto('/exports');
      const bar = page.getByRole('progressbar', { name: 'How far Porch is' });
      await bar.waitFor();
      expect(await bar.getAttribute('value')).toBe('0.4');
      await page.getByText(/40 %/).first().waitFor();
      await page.getByRole('button', { name: 'Cancel' }).waitFor();
      expect(await faults('export')).toEqual([]);
      expect(await clippedWords(page)).toEqual([]);
    });
  });

  it('an address goes on in the next line between its parts (phone)', async () => {
    const at = `/cameras/${silentId}`;
    await home.visit({ ...SIZES[0]!, journey: 'looks-address', at }, async ({ page }) => {
      const address = page.getByRole('region', { name: 'Address and password' });
      const lines = await linesOf(address.getByRole('paragraph').first());
      expect(lines.length).toBeGreaterThan(1);
      for (const line of lines.slice(1)) expect(line, lines.join(' ⏎ ')).toMatch(/^[/:?&@._-]/);
    });
  });

  it('a picture has as much of its ground above as below it, and no other band (desktop)', async () => {
    const at = `/camera/${porch.id}`;
    await home.visit({ ...SIZES[1]!, journey: 'looks-camera', at }, async ({ page, faults }) => {
      await untilMoving(page, porch.id);
      expect(await faults()).toEqual([]);
      const shape = await pictureShape(page, porch.id);
      const video = await page.locator(`video[data-camera-id="${porch.id}"]`).boundingBox();
      const strip = await page.getByRole('figure').first().boundingBox();
      const bar = await page.getByRole('banner').boundingBox();
      const controls = await page.getByRole('group', { name: 'The picture' }).boundingBox();
      const above = video!.y - (bar!.y + bar!.height);
      const below = controls!.y - (strip!.y + strip!.height);
      expect(Math.abs(above - below)).toBeLessThanOrEqual(BAND_DIFFERS_AT_MOST_PX);
      // Controls end the page, and three quarters of its width are picture.
      expect(controls!.y + controls!.height).toBeCloseTo(800, 0);
      expect(shape.width).toBeGreaterThanOrEqual(0.75 * 1280);
    });
  });
});

/** Texts that end in an ellipsis, or lie outside what shows them. */
async function clippedWords(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [
      ...document.querySelectorAll<HTMLElement>(
        'h1, h2, p, a, button, label, legend, span, summary',
      ),
    ]
      .filter((element) => element.checkVisibility() && element.closest('.unseen') === null)
      .filter(({ clientWidth, scrollWidth }) => clientWidth > 0 && scrollWidth > clientWidth + 1)
      .map(({ textContent }) => textContent.trim().slice(0, 60)),
  );
}

/** A text as its lines stand on the screen. */
async function linesOf(text: Locator): Promise<string[]> {
  return text.evaluate((element) => {
    const lines: string[] = [];
    let lastTop = Number.NEGATIVE_INFINITY;
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const range = document.createRange();
      const text = node.textContent ?? '';
      for (let index = 0; index < text.length; index += 1) {
        range.setStart(node, index);
        range.setEnd(node, index + 1);
        const { top } = range.getBoundingClientRect();
        const isNext = top > lastTop + 4;
        lastTop = Math.max(lastTop, top);
        lines.push((isNext ? '' : (lines.pop() ?? '')) + text.charAt(index));
      }
    }
    return lines;
  });
}
