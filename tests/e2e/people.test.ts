/// <reference lib="dom" />
/** Somebody comes in by a link, sees what they may, and is gone at once: two browsers, the real keys. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWNER } from '../doubles/doorkeep-server.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { Person } from '../fixtures/browser-person.ts';
import { HomeWithPage } from '../fixtures/home-with-page.ts';

const SAM = 'five quiet otters';

describe.skipIf(!chromiumAvailable)('people', () => {
  let home: HomeWithPage;

  beforeAll(async () => {
    home = await HomeWithPage.start();
  });
  afterAll(() => home.dispose());

  it('come in by a link, once, with a key of their own, and go at once', async () => {
    const phone = SIZES[0]!;
    const owner = { ...phone, journey: 'people', at: '/people' };
    await home.visit(owner, async ({ page, faults, shot }) => {
      const person = new Person(page, 'touch');
      await person.press('button', 'Let somebody in…');
      await person.fill('Who', 'Sam');
      await person.fill('Your password', OWNER.password);
      await person.press('button', 'Make the link');
      await page.getByText('This link is for Sam alone.').waitFor();
      expect(await faults('link')).toEqual([]);
      const text = (await page.locator('.note').first().textContent()) ?? '';
      const secret = /#invitation=([\w-]{43})/.exec(text)?.[1] ?? '';
      expect(secret).toHaveLength(43);

      const at = `/#invitation=${secret}`;
      const sams = { ...phone, journey: 'people-sam', at, signedIn: false };
      await home.visit(sams, async (visit) => {
        const sam = new Person(visit.page, 'touch');
        await visit.page.getByText('You will see the cameras live').waitFor();
        // The secret is in no address and in no history.
        expect(visit.page.url()).not.toContain(secret);
        expect(await visit.faults('invited')).toEqual([]);
        await sam.fill('Password', SAM);
        await sam.press('button', 'Come in');
        await visit.page.goto(new URL('/people', visit.page.url()).href);
        await visit.page.getByText('Sam, you').waitFor();
        expect(await visit.page.getByRole('button', { name: 'Let somebody in…' }).count()).toBe(0);
        const session = await visit.page.evaluate(
          async () => (await fetch('/api/session')).json() as Promise<object>,
        );
        expect(session).toMatchObject({ user: 'Sam', role: 'member', locked: false });

        await page.reload();
        await person.press('button', 'Change Sam');
        await shot('change');
        await person.press('button', 'Remove…');
        await person.press('button', 'Remove Sam');
        await page.getByRole('button', { name: 'Change Sam' }).waitFor({ state: 'detached' });
        await visit.page.reload();
        await visit.page.getByLabel('Password').waitFor();
      });
    });
  });
});
