/** Taking footage out: asked for, watched while it is made, fetched as a file that plays. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWNER } from '../doubles/doorkeep-server.ts';
import { chromiumAvailable } from '../fixtures/browser.ts';
import { Person } from '../fixtures/browser-person.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';
import { rangesOf, untilRecorded } from '../fixtures/household.ts';
import { faultsOf, type Told } from '../fixtures/page-words.ts';
import { runFfprobe } from '../fixtures/test-ffmpeg.ts';

const WAYS = [
  { size: 'phone', theme: 'dark', means: 'touch' },
  { size: 'desktop', theme: 'light', means: 'keyboard' },
] as const;

/** A copy of some seconds. */
const MADE_WITHIN_MS = 20_000;

describe.skipIf(!chromiumAvailable)('exports', () => {
  let home: HomeWithPage;
  let porch: PageCamera;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doorkeep-exports-'));
    home = await HomeWithPage.start();
    porch = await home.addCamera('Porch');
    await untilRecorded(home.server, porch.id, 6);
  });
  afterAll(async () => {
    await home.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(WAYS)('are made and fetched ($size, $means)', async (way) => {
    const { fromMs } = (await rangesOf(home.server, porch.id))[0]!;
    await home.visit(
      { ...way, journey: 'export', at: '/exports' },
      async ({ page, shot, faults }) => {
        const person = new Person(page, way.means);
        await person.press('button', 'Make a copy');
        await person.fill('From', inBerlin(fromMs + 1_000));
        await person.fill('To', inBerlin(fromMs + 5_000));
        await person.see(/4 s long, about \d/);
        await person.see(/may begin up to \d+ s earlier/);
        expect(await faults('form')).toEqual([]);

        await person.fill('Your password', 'not the password');
        await person.press('button', 'Make the copy');
        expect(faultsOf(await problemOf(page.getByLabel('Your password')))).toEqual([]);
        await person.fill('Your password', OWNER.password);
        await person.press('button', 'Make the copy');

        await page
          .getByText(/^Ready/)
          .first()
          .waitFor({ timeout: MADE_WITHIN_MS });
        await shot('ready');
        const arriving = page.waitForEvent('download');
        await person.press('button', 'Fetch the file', page.getByRole('article').first());
        const download = await arriving;
        expect(download.suggestedFilename()).toMatch(/^Porch.*\.mp4$/);
        const path = join(folder, `${way.means}.mp4`);
        await download.saveAs(path);
        await person.see('This copy is no longer in Doorkeep’s hands.');
        const shown = ['-show_entries', 'format=duration:stream=codec_name,width', '-of', 'json'];
        const { format, streams } = JSON.parse(await runFfprobe([...shown, path])) as {
          format: { duration: string };
          streams: { codec_name: string; width: number }[];
        };
        // Four seconds, and up to a key frame interval before.
        expect(Number(format.duration)).toBeGreaterThanOrEqual(3.9);
        expect(Number(format.duration)).toBeLessThanOrEqual(5.2);
        expect(streams).toEqual([{ codec_name: 'h264', width: 640 }]);
      },
    );
  });

  it('say what is wrong with a span before anything is asked for', async () => {
    const options = { ...WAYS[0], journey: 'export-span', at: '/exports' };
    await home.visit(options, async ({ page, watch }) => {
      const person = new Person(page, 'touch');
      await person.press('button', 'Make a copy');
      await person.fill('From', '2031-01-01T10:00:00');
      await person.fill('To', '2031-01-01T11:00:00');
      await person.see('This has not happened yet. Choose a time that is over.');
      await person.fill('To', '2031-01-01T09:00:00');
      await person.see('The end lies before the beginning.');
      await person.fill('Your password', OWNER.password);
      const before = watch.requests.length;
      await person.press('button', 'Make the copy');
      expect(watch.requests.slice(before).filter((url) => url.includes('/exports'))).toEqual([]);
    });
  });

  it.each(WAYS)(
    'are deleted only after a question with its numbers ($size, $means)',
    async (way) => {
      const options = { ...way, journey: 'export-delete', at: '/exports' };
      await home.visit(options, async ({ page, shot }) => {
        const person = new Person(page, way.means);
        const made = page.getByRole('article');
        await made.first().waitFor();
        const before = await made.count();
        await person.press('button', 'Delete', made.first());
        const question = page.getByRole('dialog', { name: 'Delete this copy?' });
        await question.getByText(/One file, \d+ s, \d+ (kB|MB)/).waitFor();
        await shot();
        await page.keyboard.press('Escape');
        await question.waitFor({ state: 'hidden' });
        expect(await made.count()).toBe(before);
        await person.press('button', 'Delete', made.first());
        await person.press('button', 'Delete it');
        await expect.poll(() => made.count()).toBe(before - 1);
      });
    },
  );
});

/** A moment as `datetime-local` takes it, in the time zone of the browser under test. */
function inBerlin(ms: number): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'medium' },
  });
  return format.format(ms).replace(' ', 'T');
}

/** What stands below a field that was refused. */
async function problemOf(field: Locator): Promise<Told> {
  await field.and(field.page().locator('[aria-invalid=true]')).waitFor();
  const id = (await field.getAttribute('aria-describedby')) ?? '';
  const text = (await field.page().locator(`[id="${id}"]`).textContent()) ?? '';
  const [first = '', ...rest] = text.split(/(?<=[.?]) /);
  return { first, rest: rest.join(' ') };
}
