/// <reference lib="dom" />
/** Taking a backup in the settings, and putting it back at the first visit of another box. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newIdentity } from '../../server/age/identity.ts';
import { OWNER } from '../doubles/doorkeep-server.ts';
import { chromiumAvailable, LOOKS, SIZES } from '../fixtures/browser.ts';
import { layoutShifts } from '../fixtures/browser-measures.ts';
import { Person } from '../fixtures/browser-person.ts';
import { HomeWithPage } from '../fixtures/home-with-page.ts';

const PASSWORD = 'Your password';

describe.skipIf(!chromiumAvailable)('a backup', () => {
  let home: HomeWithPage;
  /** What the page handed to the browser last. */
  let saved: Buffer;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    await home.addCamera('Porch');
  });
  afterAll(() => home.dispose());

  it.each(LOOKS)('is fetched with the password and listed ($size, $theme)', async (look) => {
    await home.server.signIn();
    const visit = { ...look, journey: 'backup', at: '/settings' };
    await home.visit(visit, async ({ page, faults }) => {
      const person = new Person(page, look.size === 'phone' ? 'touch' : 'keyboard');
      await person.see('Backup');
      await person.press('button', 'Back up');
      await person.fill(PASSWORD, 'not this one');
      await person.press('button', 'Fetch the backup');
      await person.see(/password is not right|wrong/i);
      expect(await faults('asked')).toEqual([]);
      await person.fill(PASSWORD, OWNER.password);
      const arriving = page.waitForEvent('download');
      await person.press('button', 'Fetch the backup');
      const file = await arriving;
      expect(file.suggestedFilename()).toMatch(/^doorkeep-backup-[\dT-]+Z\.age$/);
      saved = await readFile(await file.path());
      expect(saved.toString('latin1', 0, 21)).toBe('age-encryption.org/v1');
      await person.see(/no longer in Doorkeep’s hands/);
      await person.see(/^Today, /);
      await person.see(/^Taken by sam, .* It opens with your newest sheet\.$/);
      expect(await faults('taken')).toEqual([]);
    });
  });

  it.each(SIZES)('is put back at the first visit of another box ($size)', async (look) => {
    const other = await HomeWithPage.start({ setUp: false });
    try {
      const { dataPath } = other.server;
      const code = (await readFile(join(dataPath, 'setup-token'), 'utf8')).trim();
      const path = join(dataPath, 'fetched.age');
      await writeFile(path, saved);
      const visit = { ...look, journey: 'restore', at: `/#code=${code}`, signedIn: false };
      await other.visit(visit, async ({ page, faults, watch }) => {
        const person = new Person(page, look.size === 'phone' ? 'touch' : 'keyboard');
        await person.arrive('Set up this box');
        expect(await faults('first')).toEqual([]);
        await person.press('button', 'Restore from a backup');
        await person.arrive('Restore from a backup');
        await person.fill('Recovery key', await newIdentity());
        await page.getByLabel('Backup', { exact: true }).setInputFiles(path);
        await person.press('button', 'Restore');
        await person.see('This recovery key does not open this backup.');
        expect(await faults('wrong-key')).toEqual([]);
        await person.fill('Recovery key', home.server.recoveryKey);
        // The box starts anew, and the page asks until it is back.
        watch.allowUnreachable();
        await person.press('button', 'Restore');
        await person.arrive('Sign in');
        await person.see('The backup is in its place.');
        expect(await faults('restored')).toEqual([]);
        await person.fill('Your name', OWNER.username);
        await person.fill('Password', OWNER.password);
        await person.press('button', 'Sign in');
        await page.getByText('Porch').first().waitFor();
        expect(await layoutShifts(page)).toEqual([]);
      });
    } finally {
      await other.dispose();
    }
  });
});
