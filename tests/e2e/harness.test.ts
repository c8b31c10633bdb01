/** The browser tests' own tools: they see what they are there to see, and leave nothing behind. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable, startBrowser } from '../fixtures/browser.ts';
import {
  idleWork,
  layoutShifts,
  seriousFindings,
  smallTargets,
} from '../fixtures/browser-measures.ts';
import { HomeWithPage } from '../fixtures/home-with-page.ts';

const PHONE = { size: 'phone', theme: 'light', signedIn: false } as const;

describe.skipIf(!chromiumAvailable)('the tools of the browser tests', () => {
  let home: HomeWithPage;
  let elsewhere: Server;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    elsewhere = createServer((_, response) => response.end('seen'));
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    elsewhere.close();
    await home.dispose();
  });

  it('fail a page that asks another origin for anything', async () => {
    const { port } = elsewhere.address() as AddressInfo;
    const visit = home.visit({ ...PHONE, journey: 'harness' }, async ({ page }) => {
      await page.evaluate((address) => {
        const picture = document.createElement('img');
        picture.src = address;
        document.body.append(picture);
      }, `http://127.0.0.1:${port}/pixel.gif`);
      await page.waitForTimeout(200);
    });
    await expect(visit).rejects.toThrow(/another origin|Content Security Policy/);
  });

  it('fail a page that complains or throws', async () => {
    const complaint = home.visit({ ...PHONE, journey: 'harness' }, async ({ page }) => {
      await page.evaluate(() => {
        console.error('something is wrong');
      });
    });
    await expect(complaint).rejects.toThrow('something is wrong');
    const throwing = home.visit({ ...PHONE, journey: 'harness' }, async ({ page }) => {
      await page.evaluate(() => {
        queueMicrotask(() => {
          throw new Error('thrown in the page');
        });
      });
    });
    await expect(throwing).rejects.toThrow('thrown in the page');
  });

  it('see a shift, a small target, work, an animation and what axe sees', async () => {
    await home.visit({ ...PHONE, journey: 'harness' }, async ({ page }) => {
      await page.evaluate(() => {
        const button = document.createElement('button');
        button.style.cssText = 'width: 20px; height: 20px; padding: 0; border: 0';
        document.body.prepend(button);
        button.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 1_000, iterations: 100 });
        setTimeout(() => {
          button.style.marginBottom = '300px';
        }, 600);
        setInterval(() => {
          const until = performance.now() + 10;
          while (performance.now() < until);
        }, 100);
      });
      const work = await idleWork(page, 1);
      expect(work.scriptMs).toBeGreaterThan(50);
      expect(work.animations).toHaveLength(1);
      expect(await layoutShifts(page)).not.toEqual([]);
      expect(await smallTargets(page)).toContain('20×20 button ""');
      expect(await seriousFindings(page)).toContainEqual(expect.stringContaining('button-name'));
    });
  });

  it('end Chromium with all of its processes', async () => {
    const mark = '--doorkeep-harness-test';
    const browser = await startBrowser([mark]);
    expect(processesWith(mark)).toBeGreaterThan(0);
    await browser.close();
    await expect.poll(() => processesWith(mark), { timeout: 5_000 }).toBe(0);
  });
});

/** How many processes of this machine carry an argument (Linux). */
function processesWith(argument: string): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(argument);
    } catch {
      // It ended between the two looks.
      return false;
    }
  }).length;
}
