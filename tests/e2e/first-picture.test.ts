/** "First ten minutes", step 3: from opening the address to a moving picture. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { OWNER } from '../doubles/doorkeep-server.ts';
import { chromiumAvailable, type Look } from '../fixtures/browser.ts';
import { layoutShifts } from '../fixtures/browser-measures.ts';
import { type Means, Person } from '../fixtures/browser-person.ts';
import { untilMoving } from '../fixtures/browser-picture.ts';
import { HomeWithPage } from '../fixtures/home-with-page.ts';
import { keyOnSheet } from '../fixtures/recovery-sheet.ts';

/** Of experience.md; an input is a field that is filled or a thing that is pressed. */
const INPUTS_MAX = 25;
const SCREENS_MAX = 6;

interface Way extends Look {
  readonly means: Means;
}

const WAYS: readonly Way[] = [
  { size: 'phone', theme: 'dark', means: 'touch' },
  { size: 'desktop', theme: 'light', means: 'keyboard' },
];

describe.skipIf(!chromiumAvailable)('the first ten minutes', () => {
  let home: HomeWithPage;

  // A box is set up once, so each way gets one of its own.
  beforeEach(async () => {
    home = await HomeWithPage.start({ setUp: false });
    return () => home.dispose();
  });

  it.each(WAYS)('lead to a moving picture ($size, $means)', async (way) => {
    const device = await home.simulate({ login: 'digest' });
    const code = (await readFile(join(home.server.dataPath, 'setup-token'), 'utf8')).trim();
    const options = { ...way, journey: 'first', at: `/#code=${code}`, signedIn: false };
    await home.visit(options, async ({ page, faults }) => {
      const person = new Person(page, way.means);
      await person.arrive('Set up this box');
      expect(await faults('set-up')).toEqual([]);
      await person.fill('Your name', OWNER.username);
      await person.fill('Password', OWNER.password);
      await person.press('button', 'Go on');

      await person.arrive('Your recovery sheet');
      await person.fill('The last four characters of the key', (await keyOnSheet(page)).slice(-4));
      await person.press('button', 'Go on');

      await person.arrive('Add your first camera');
      expect(await faults('address')).toEqual([]);
      await person.fill('Address of the camera', device.url('/main'));
      await person.fill('User name', device.login.account.username);
      await person.fill('Password of the camera', device.login.account.password);
      await person.press('button', 'Try it');

      await page.getByRole('img', { name: /picture that the camera sent/ }).waitFor();
      expect(await faults('tried')).toEqual([]);
      await person.press('button', 'Front door');
      await person.press('button', 'Save and watch');

      await person.arrive('Front door');
      await untilMoving(page, /[0-9a-f]{16}/.exec(page.url())?.[0] ?? '');
      expect(await faults('picture')).toEqual([]);
      expect(person.inputs).toBeLessThanOrEqual(INPUTS_MAX);
      expect([...person.screens].length).toBeLessThanOrEqual(SCREENS_MAX);
      expect(await layoutShifts(page)).toEqual([]);
    });
  });
});
