/// <reference lib="dom" />
/** The plug test, walked through: what the page looks at by itself, what a person ticks, and what is left of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Export } from '../../server/contract/export.ts';
import { OWNER } from '../doubles/doorkeep-server.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { untilMoving } from '../fixtures/browser-picture.ts';
import { Person } from '../fixtures/browser-person.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';
import { untilRecorded } from '../fixtures/household.ts';

const CHECKED_WITHIN_MS = 20_000;

describe.skipIf(!chromiumAvailable)('the plug test', () => {
  let home: HomeWithPage;
  let door: PageCamera;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    door = await home.addCamera('Front door');
    await untilRecorded(home.server, door.id, 6);
  });
  afterAll(() => home.dispose());

  it.each(SIZES)('cuts off, looks, and ends with a dated sentence ($size)', async (look) => {
    await home.visit(
      { ...look, journey: 'plug', at: '/settings' },
      async ({ page, faults, shot }) => {
        const person = new Person(page, look.size === 'phone' ? 'touch' : 'keyboard');
        await person.press('link', 'Plug test');
        await person.arrive('Plug test');
        expect(await page.getByRole('button', { name: 'Look at live' }).count()).toBe(0);
        await person.press('switch', 'It is cut off');
        await person.press('button', 'Look at live');
        await person.see(/^A picture of Front door came after \d+ s\.$/, CHECKED_WITHIN_MS);
        await person.press('link', 'See it yourself');
        await untilMoving(page, door.id);
        await page.goBack();
        await person.press('switch', 'I saw it move');
        await person.press('button', 'Look at the past');
        await person.see(
          /^Footage of Front door from the last minutes came: [\d.]+ [kM]B of it/,
          CHECKED_WITHIN_MS,
        );
        await person.press('switch', 'I saw what was before');
        expect(await faults()).toEqual([]);
        await person.fill('Your password', 'not the password');
        await person.press('button', 'Make a copy');
        await page
          .getByRole('region', { name: '4. A copy' })
          .getByRole('status')
          .filter({ hasText: /\.$/ })
          .waitFor();
        expect(await page.getByRole('switch', { name: 'I saw it in the record' }).count()).toBe(0);
        await person.fill('Your password', OWNER.password);
        await person.press('button', 'Make a copy');
        await person.see(
          /^A copy of Front door was made, .+B, and deleted again\.$/,
          CHECKED_WITHIN_MS,
        );
        const { body } = await home.server.api<{ exports: Export[] }>('GET', '/api/exports');
        expect(body.exports).toEqual([]);
        await person.press('switch', 'I saw it in the record');
        await person.press('button', 'End the test');
        const said =
          /^\d+ \w+ \d{4}: cut off from the Internet, live, the past and a copy went on\.$/;
        await person.see(said);
        await shot('ended');
        expect(
          await page
            .getByText(said)
            .locator('..')
            .evaluate((line) => line === document.activeElement),
        ).toBe(true);
        await page.reload();
        await person.see(said);
      },
    );
  });

  it('counts nothing that was not seen by both', async () => {
    await home.visit(
      { ...SIZES[1]!, journey: 'plug-half', at: '/privacy/plug' },
      async ({ page }) => {
        const person = new Person(page, 'mouse');
        // A box that answers with nothing: no tick is offered for it.
        await page.route('**/snapshot', (route) => route.fulfill({ status: 404, body: '' }));
        await person.press('switch', 'It is cut off');
        await person.press('button', 'Look at live');
        await person.see('No picture came from Front door.');
        expect(await page.getByRole('switch', { name: 'I saw it move' }).count()).toBe(0);
        await person.press('button', 'Look at the past');
        await person.see(/^Footage of Front door/, CHECKED_WITHIN_MS);
        await person.fill('Your password', OWNER.password);
        await person.press('button', 'Make a copy');
        await person.see(/deleted again\.$/, CHECKED_WITHIN_MS);
        await person.press('switch', 'I saw it in the record');
        await person.press('button', 'End the test');
        await person.see(/Internet, a copy went on; live and the past did not\.$/);
      },
    );
  });
});
