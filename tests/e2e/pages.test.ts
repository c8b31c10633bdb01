/** Every page in both sizes and themes: calm, large enough for a thumb, and usable by everybody. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { layoutShifts } from '../fixtures/browser-measures.ts';
import { untilMoving } from '../fixtures/browser-picture.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';

/** experience.md, rule 1; the bottom bar is the phone's. */
const TOP_BAR_MAX_PX = 48;
const BOTTOM_BAR_MAX_PX = 56;

describe.skipIf(!chromiumAvailable)('every page', () => {
  let home: HomeWithPage;
  let porch: PageCamera;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    porch = await home.addCamera('Porch');
  });
  afterAll(() => home.dispose());

  it.each(SIZES)('is calm, large enough and accessible ($size)', async (look) => {
    const places: Record<string, { at: string; title: RegExp }> = {
      wall: { at: '/', title: /./ },
      camera: { at: `/camera/${porch.id}`, title: /Porch/ },
      cameras: { at: '/cameras', title: /Cameras/ },
      'new-camera': { at: '/cameras/new', title: /Add a camera/ },
      'edit-camera': { at: `/cameras/${porch.id}`, title: /Porch/ },
      exports: { at: '/exports', title: /Exports/ },
      storage: { at: '/storage', title: /Storage/ },
      settings: { at: '/settings', title: /Settings/ },
      phones: { at: '/phones', title: /Let phones in/ },
      cloud: { at: '/privacy/cloud', title: /The camera’s cloud/ },
    };
    const findings: string[] = [];
    for (const [name, { at, title }] of Object.entries(places)) {
      await home.visit({ ...look, journey: 'page', at }, async ({ page, faults }) => {
        await page.getByRole('heading', { level: 1, name: title }).waitFor();
        if (name === 'wall' || name === 'camera') await untilMoving(page, porch.id);
        // What the page asks the box for has come.
        await page.waitForLoadState('networkidle');
        const shifts = (await layoutShifts(page)).map((line) => `shift: ${line}`);
        findings.push(...[...shifts, ...(await faults(name))].map((line) => `${name}: ${line}`));
      });
    }
    expect(findings).toEqual([]);
  });

  it.each(SIZES)('leaves room for pictures ($size)', async (look) => {
    await home.visit({ ...look, journey: 'bars' }, async ({ page }) => {
      const top = await page.getByRole('banner').boundingBox();
      expect(top?.height).toBeLessThanOrEqual(TOP_BAR_MAX_PX);
      const pages = await page.getByRole('navigation', { name: 'Pages' }).boundingBox();
      expect(pages?.height).toBeLessThanOrEqual(BOTTOM_BAR_MAX_PX);
      // One hand holds a phone: the way to the other pages lies under the thumb.
      if (look.size === 'phone') expect(pages!.y).toBeGreaterThan(0.6 * 844);
    });
  });
});
