/// <reference lib="dom" />
/** Somebody comes in by a link, sees what they may and nothing else, and is gone at once: two browsers, the
 * real keys. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWNER } from '../doubles/doorkeep-server.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { Person, type Means } from '../fixtures/browser-person.ts';
import { picture, untilMoving } from '../fixtures/browser-picture.ts';
import { HomeWithPage, type PageCamera, type Visit } from '../fixtures/home-with-page.ts';
import { untilRecorded } from '../fixtures/household.ts';

/** Of everybody who comes in here. */
const PASSWORD = 'five quiet otters';

/** A removed person's picture ends: a socket's close, and what the page makes of it. */
const ENDED_WITHIN_MS = 2_000;

/** A phone by thumb, a desktop by keyboard alone. */
const VISITS = SIZES.map((look) => ({
  ...look,
  means: look.size === 'phone' ? ('touch' as const) : ('keyboard' as const),
}));

/** The words of the navigation. */
function placesOf(page: Page): Promise<string[]> {
  return page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allInnerTexts();
}

describe.skipIf(!chromiumAvailable)('people', () => {
  let home: HomeWithPage;
  let porch: PageCamera;
  let garden: PageCamera;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    porch = await home.addCamera('Porch');
    garden = await home.addCamera('Garden');
    await untilRecorded(home.server, porch.id, 3);
  });
  afterAll(() => home.dispose());

  /** The owner fills the form; what the link carries. */
  async function invite({ page, faults }: Visit, owner: Person, who: string): Promise<string> {
    await owner.press('button', 'Let somebody in…');
    await owner.fill('Who', who);
    if (who === 'Vera' && owner.means !== 'keyboard') {
      await owner.press('radio', 'Viewer: live only');
    } else if (who === 'Vera') {
      // The Tab key stops at the chosen one of them; arrows choose.
      await owner.press('radio', 'Member: live and the past');
      await page.keyboard.press('ArrowDown');
    }
    await owner.press('switch', 'Every camera');
    await owner.press('switch', 'Garden');
    if (who === 'Robin') expect(await faults('invite')).toEqual([]);
    await owner.fill('Your password', OWNER.password);
    await owner.press('button', 'Make the link');
    await page.getByText(`This link is for ${who} alone.`).waitFor();
    if (who === 'Robin') expect(await faults('link')).toEqual([]);
    const text = await page.getByRole('group', { name: `The link for ${who}` }).textContent();
    const secret = /#invitation=([\w-]{43})/.exec(text ?? '')?.[1] ?? '';
    expect(secret).toHaveLength(43);
    return secret;
  }

  /** Somebody opens a link in a browser of their own, and comes in. */
  async function comeIn(visit: Visit, secret: string, means: Means): Promise<Person> {
    const { page, shot } = visit;
    await page.goto(`/#invitation=${secret}`);
    await page.getByText(/^You will see the cameras live/).waitFor();
    // The secret is in no address and in no history.
    expect(page.url()).not.toContain(secret);
    await shot('invited');
    const person = new Person(page, means);
    await person.fill('Password', PASSWORD);
    await person.press('button', 'Come in');
    await person.arrive('Home');
    return person;
  }

  async function remove(owner: Person, who: string): Promise<void> {
    await owner.press('button', `Change ${who}`);
    await owner.press('button', 'Remove…');
    await owner.press('button', `Remove ${who}`);
  }

  it.each(VISITS)('come in by a link, see their camera, and go at once ($size)', async (look) => {
    const { means, ...rest } = look;
    await home.visit({ ...rest, journey: 'people', at: '/people' }, async (mine) => {
      const owner = new Person(mine.page, means);
      const secret = await invite(mine, owner, 'Robin');
      const theirs = { ...rest, journey: 'people-robin', at: 'none', signedIn: false };
      await home.visit(theirs, async (visit) => {
        const { page, faults } = visit;
        const robin = await comeIn(visit, secret, means);
        // Their camera, and no sign of the other.
        await untilMoving(page, porch.id);
        expect(await page.getByText('Garden').count()).toBe(0);
        expect(await placesOf(page)).toEqual(['Home', 'People', 'Storage', 'Settings']);
        await page.goto(`/camera/${garden.id}`);
        await robin.see('This camera is not here any more.');
        await page.goto('/people');
        await robin.see('Robin, you');
        expect(await faults('people')).toEqual([]);
        expect(await page.getByRole('button', { name: 'Let somebody in…' }).count()).toBe(0);
        await page.goto('/exports');
        await robin.see('This page is for others of your household.');
        await visit.shot('not-theirs');
        await page.goto('/storage');
        await page.getByRole('button', { name: 'Lock now' }).waitFor();
        expect(await page.getByRole('button', { name: 'New key…' }).count()).toBe(0);
        await page.goto('/settings');
        await robin.see('You see live, and the past with your password.');
        expect(await faults('settings')).toEqual([]);
        await readAdvice(visit, robin);
        // The past, which their own key opens, then live again.
        await page.goto(`/camera/${porch.id}`);
        await untilMoving(page, porch.id);
        await robin.press('button', '10 seconds back');
        await page.getByRole('button', { name: 'Now', pressed: false }).waitFor();
        await untilMoving(page, porch.id);
        await robin.press('button', 'Now');
        await untilMoving(page, porch.id);

        await mine.page.reload();
        await remove(owner, 'Robin');
        await page
          .getByText(/signed out/i)
          .first()
          .waitFor({ timeout: ENDED_WITHIN_MS });
        expect(await picture(page, porch.id).count()).toBe(0);
        await visit.shot('gone');
      });
      await owner.see('Robin is removed.');
      expect(await mine.faults('removed')).toEqual([]);
      await owner.press('button', 'Keep the key');
      // The link worked once.
      const late = { ...rest, journey: 'people-late', at: `/#invitation=${secret}` };
      await home.visit({ ...late, signedIn: false }, async ({ page, shot }) => {
        await page.getByRole('alert').waitFor();
        await shot();
      });
    });
  });

  /** A member is at home when somebody rings: what to do, what is true of this box, and no refusal. */
  async function readAdvice({ page, faults }: Visit, member: Person): Promise<void> {
    const refused: string[] = [];
    page.on('response', (answer) => {
      if (answer.status() === 403) refused.push(answer.url());
    });
    for (const title of ['If officers ask', 'If the box is stolen']) {
      await member.press('link', title);
      await member.arrive(title);
      const box = page.getByRole('region', { name: 'This box' });
      await box.getByText(/It keeps|Nothing is kept yet/).waitFor();
      expect(await box.getByText('Not checked').count()).toBe(0);
      expect(await faults(title)).toEqual([]);
      await member.press('link', 'Back');
      await member.arrive('Settings');
    }
    expect(refused).toEqual([]);
    expect(await page.getByRole('link', { name: /^(Privacy|Plug test)$/ }).count()).toBe(0);
  }

  it.each(VISITS)('who see live alone are shown no past and no refusal ($size)', async (look) => {
    const { means, ...rest } = look;
    await home.visit({ ...rest, journey: 'people', at: '/people' }, async (mine) => {
      const owner = new Person(mine.page, means);
      const secret = await invite(mine, owner, 'Vera');
      const theirs = { ...rest, journey: 'people-vera', at: 'none', signedIn: false };
      await home.visit(theirs, async (visit) => {
        const { page, faults } = visit;
        const refused: string[] = [];
        page.on('response', (answer) => {
          if (answer.status() === 403 || answer.status() === 423) refused.push(answer.url());
        });
        const vera = await comeIn(visit, secret, means);
        await untilMoving(page, porch.id);
        expect(await placesOf(page)).toEqual(['Home', 'People', 'Settings']);
        expect(await page.getByRole('button', { name: /^(Unl|L)ock$/ }).count()).toBe(0);
        await vera.press('link', /^Porch/);
        await untilMoving(page, porch.id);
        await vera.see('What was recorded is for members of the household.');
        expect(await faults('camera')).toEqual([]);
        expect(await page.getByRole('button', { name: '10 seconds back' }).count()).toBe(0);
        await vera.press('link', 'Settings');
        await vera.arrive('Settings');
        expect(await faults('settings')).toEqual([]);
        for (const closed of [
          ...['/storage', '/exports', '/record', '/cameras', '/cameras/new'],
          ...['/privacy', '/privacy/asked', '/privacy/taken'],
        ]) {
          await page.goto(closed);
          await vera.see('This page is for others of your household.');
        }
        await vera.press('link', 'To the people');
        await vera.see('Vera, you');
        expect(refused).toEqual([]);
      });
      await mine.page.reload();
      await remove(owner, 'Vera');
      await mine.page.getByRole('button', { name: 'Change Vera' }).waitFor({ state: 'detached' });
    });
  });
});
