/// <reference lib="dom" />
/** What a browser keeps on its disk after live, the past and pictures were seen: nothing of them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { chromiumAvailable, SIZES, startProfile } from '../fixtures/browser.ts';
import { framesShown, untilMoving } from '../fixtures/browser-picture.ts';
import { windowsOf } from '../fixtures/byte-windows.ts';
import { CLIPS, type ClipSpec, makeClip } from '../fixtures/clips.ts';
import { filesBelow } from '../fixtures/footage-tree.ts';
import { carve } from '../fixtures/frame-carver.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';
import { untilRecorded } from '../fixtures/household.ts';

/** Moving, so that its bytes are not alike. */
const MAIN: ClipSpec = { ...CLIPS.small, picture: 'moving', gopSeconds: 1, seconds: 8 };
const SUB: ClipSpec = { ...MAIN, width: 320, height: 180, bitrateKbps: 150 };

const WINDOWS = 5_000;

/** A busy machine draws a frame late, and asks for a window of footage later still. */
const SHOWN_WITHIN_MS = 20_000;

/** Two starts of a browser with a profile on the disk, and two searches through all of it. */
const TWO_RUNS_TIMEOUT_MS = 150_000;

describe.skipIf(!chromiumAvailable)('the profile of a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorkeep-profile-'));
  let home: HomeWithPage;
  let porch: PageCamera;
  let windows: Buffer[];

  beforeAll(async () => {
    home = await HomeWithPage.start();
    porch = await home.addCamera('Porch', { main: MAIN, sub: SUB });
    const clips = await Promise.all([MAIN, SUB].map(makeClip));
    windows = clips.flatMap((path) => windowsOf(mediaBytes(readFileSync(path)), WINDOWS));
  });
  afterAll(async () => {
    await home.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  /** One run of that browser, from its start to its end. */
  async function run(body: (page: Page) => Promise<void>): Promise<void> {
    const context = await startProfile(folder, SIZES[1]!);
    try {
      const [name = '', value = ''] = (home.server.cookie ?? '').split(/=(.*)/s);
      await context.addCookies([{ name, value, url: home.server.baseUrl, sameSite: 'Strict' }]);
      await body(await context.newPage());
    } finally {
      await context.close();
    }
  }

  it(
    'holds no frame after live, the past and pictures; a planted one is found',
    { timeout: TWO_RUNS_TIMEOUT_MS },
    async () => {
      const { baseUrl } = home.server;
      const recorded = await untilRecorded(home.server, porch.id, 6);
      const past = new Date(recorded.fromMs + 1_000).toISOString();
      const footage = `/api/playback/${porch.id}.m3u8?from=${past}&to=${new Date(recorded.toMs).toISOString()}`;
      await run(async (page) => {
        await page.goto(baseUrl);
        await untilMoving(page, porch.id);
        await page.goto(`${baseUrl}/camera/${porch.id}?at=${past}`);
        await expect
          .poll(() => framesShown(page, porch.id, 500), { timeout: SHOWN_WITHIN_MS })
          .toBeGreaterThan(0);
        // By hand, where a browser would cache it if it were allowed to.
        await page.goto(`${baseUrl}/api/cameras/${porch.id}/snapshot`);
        await page.goto(`${baseUrl}/settings`);
        expect(await fetchPieces(page, footage, false)).toBeGreaterThan(10_000);
      });
      const files = filesBelow(folder);
      expect(files.length).toBeGreaterThan(20);
      // It did keep what it may: the page's own files, and the cookie.
      expect(files.some((path) => path.includes('Cache'))).toBe(true);
      expect(carve(files, windows)).toEqual({ jpegs: 0, boxes: 0, windows: 0, where: [] });

      await run(async (page) => {
        await page.goto(`${baseUrl}/settings`);
        expect(await fetchPieces(page, footage, true)).toBeGreaterThan(10_000);
        await page.evaluate(async (path) => {
          await (await caches.open('planted')).put('/picture', await fetch(path));
        }, `/api/cameras/${porch.id}/snapshot`);
      });
      const found = carve(filesBelow(folder), windows);
      expect(found.jpegs).toBeGreaterThan(0);
      expect(found.boxes).toBeGreaterThan(1);
      expect(found.windows).toBeGreaterThan(50);
    },
  );
});

/** In the page: fetches what a playlist names, and keeps it where pages can keep things when told to. */
async function fetchPieces(page: Page, playlist: string, keeps: boolean): Promise<number> {
  return page.evaluate(
    async ({ path, isKept }) => {
      const text = await (await fetch(path)).text();
      const named = new Set([
        ...text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
        ...[...text.matchAll(/URI="([^"]+)"/g)].map((match) => match[1] ?? ''),
      ]);
      let bytes = 0;
      for (const name of named) {
        const answer = await fetch(new URL(name, new URL(path, location.href)));
        if (isKept) await (await caches.open('planted')).put(`/${bytes}`, answer.clone());
        bytes += (await answer.arrayBuffer()).byteLength;
      }
      return bytes;
    },
    { path: playlist, isKept: keeps },
  );
}

function mediaBytes(file: Buffer): Buffer {
  const at = file.indexOf('mdat');
  return file.subarray(at + 4, at + file.readUInt32BE(at - 4) - 4);
}
