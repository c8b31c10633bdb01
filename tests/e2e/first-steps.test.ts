/// <reference lib="dom" />
/** What is left to try after set-up: cards below the cameras, each of which ends with something seen, or is put away. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { FirstSteps, FirstStepPatch } from '../../server/contract/first-steps.ts';
import type { MadeInvitation } from '../../server/contract/people.ts';
import { OWNER } from '../doubles/doorkeep-server.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { layoutShifts } from '../fixtures/browser-measures.ts';
import { pictureShape, untilMoving } from '../fixtures/browser-picture.ts';
import { Person } from '../fixtures/browser-person.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';
import { untilRecorded } from '../fixtures/household.ts';

const PASSWORD = 'five quiet otters';

/** A look waits for a picture that is newer than the press: a key frame each second here. */
const LOOKED_WITHIN_MS = 20_000;

const TITLES = ['Let phones in', 'Silence the camera’s cloud', 'Plug test'];

/** A phone by thumb, a desktop by keyboard alone. */
const VISITS = SIZES.map((look) => ({
  ...look,
  means: look.size === 'phone' ? ('touch' as const) : ('keyboard' as const),
}));

describe.skipIf(!chromiumAvailable)('the first steps', () => {
  let home: HomeWithPage;
  let door: PageCamera;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    await home.visit({ ...SIZES[0]!, journey: 'first-steps-none' }, async ({ page }) => {
      // One thing at a time: first a camera.
      await page.getByRole('link', { name: 'Add the first camera' }).waitFor();
      expect(await cards(page).count()).toBe(0);
    });
    door = await home.addCamera('Front door');
    await untilRecorded(home.server, door.id, 6);
  });
  afterAll(() => home.dispose());
  // What was tried stays so.
  beforeEach(async () => {
    for (const step of ['phones', 'cloud', 'plug-test'] as const) await say(step, 'open');
  });

  async function say(
    step: FirstStepPatch['step'],
    state: FirstStepPatch['state'],
  ): Promise<FirstSteps['steps']> {
    const body: FirstStepPatch = { step, state };
    return (await home.server.api<FirstSteps>('PATCH', '/api/first-steps', body)).body.steps;
  }

  const states = async (): Promise<string[]> => {
    const { body } = await home.server.api<FirstSteps>('GET', '/api/first-steps');
    return body.steps.map(({ step, state }) => `${step} ${state}`);
  };

  it.each(VISITS)(
    'lie below the cameras, and are put away with a way back ($size)',
    async (look) => {
      const { means, ...rest } = look;
      await home.visit({ ...rest, journey: 'first-steps' }, async ({ page, faults, shot }) => {
        const person = new Person(page, means);
        await untilMoving(page, door.id);
        await cards(page).first().waitFor();
        expect(await page.getByRole('heading', { level: 3 }).allTextContents()).toEqual(TITLES);
        expect(await layoutShifts(page)).toEqual([]);
        const picture = await page.getByRole('figure').first().boundingBox();
        const left = await page.getByRole('region', { name: 'First steps' }).boundingBox();
        expect(picture!.height).toBeGreaterThan(200);
        expect(left!.y).toBeGreaterThanOrEqual(picture!.y + picture!.height);
        await shot('top');
        const shape = await pictureShape(page, door.id);
        await page.getByRole('region', { name: 'First steps' }).scrollIntoViewIfNeeded();
        await cards(page).last().scrollIntoViewIfNeeded();
        expect(await faults()).toEqual([]);
        await person.press('button', 'Put away: Plug test');
        await person.see('Plug test is put away.');
        await expect.poll(() => cards(page).count()).toBe(2);
        expect(await faults('put-away')).toEqual([]);
        await person.press('button', 'Undo');
        await expect.poll(() => cards(page).count()).toBe(3);
        for (const title of TITLES) {
          await person.press('button', `Put away: ${title}`);
          await page
            .getByRole('button', { name: `Put away: ${title}` })
            .waitFor({ state: 'detached' });
        }
        await page.getByRole('heading', { name: 'First steps' }).waitFor({ state: 'detached' });
        // Without them the pictures are as large as they were.
        expect(await pictureShape(page, door.id)).toMatchObject({
          ...{ width: shape.width, height: shape.height },
        });
        await page.reload();
        await untilMoving(page, door.id);
        await page.waitForLoadState('networkidle');
        expect(await cards(page).count()).toBe(0);

        await page.goto('/settings');
        const list = page.getByRole('region', { name: 'First steps' });
        for (const title of TITLES) await list.getByRole('link', { name: title }).waitFor();
        await expect.poll(() => list.getByText(/^Put away on \d+ \w+ \d{4}\.$/).count()).toBe(3);
        expect(await layoutShifts(page)).toEqual([]);
        await list.scrollIntoViewIfNeeded();
        expect(await faults('settings')).toEqual([]);
        await person.press('link', 'Let phones in', list);
        await person.arrive('Let phones in');
        await person.see('Not yet. Once somebody signs in on a phone, it stands here.');
        expect(await faults('phones')).toEqual([]);
      });
    },
  );

  it('are gone in full screen', async () => {
    await home.visit({ ...SIZES[1]!, journey: 'first-steps-full' }, async ({ page }) => {
      await untilMoving(page, door.id);
      await cards(page).first().waitFor();
      await page.keyboard.press('f');
      await expect.poll(() => cards(page).count()).toBe(0);
      await page.keyboard.press('f');
      await expect.poll(() => cards(page).count()).toBe(3);
    });
  });

  it('are neither a member’s nor a viewer’s, nor on a wall screen', async () => {
    for (const [name, role] of [
      ['Robin', 'member'],
      ['Vera', 'viewer'],
    ] as const) {
      const { body } = await home.server.api<MadeInvitation>('POST', '/api/invitations', {
        ...{ name, role, mayExport: false, cameras: null, password: OWNER.password },
      });
      const claim = { secret: body.secret, username: name, password: PASSWORD };
      await home.server.api('POST', '/api/invitations/claim', claim);
      await signedIn(name, PASSWORD, async (page) => {
        await page.goto('/settings');
        await page.getByRole('heading', { name: 'Where things are' }).waitFor();
        expect(await page.getByRole('heading', { name: 'First steps' }).count()).toBe(0);
        for (const closed of ['/phones', '/privacy/cloud']) {
          await page.goto(closed);
          await page.getByText('This page is for others of your household.').waitFor();
        }
      });
    }
    await signedIn(
      OWNER.username,
      OWNER.password,
      async (page) => {
        await page.goto('/settings');
        await page.getByRole('button', { name: 'Make this a wall screen' }).click();
        await page.getByText(/^Wall screen: live only/).waitFor();
        await untilMoving(page, door.id);
        await page.waitForLoadState('networkidle');
        expect(await cards(page).count()).toBe(0);
      },
      true,
    );
  });

  /** Signs in by the form and looks at the wall; `isOwner` sees cards there, others none. */
  async function signedIn(
    name: string,
    password: string,
    body: (page: Page) => Promise<void>,
    isOwner = false,
  ): Promise<void> {
    const options = { ...SIZES[0]!, journey: 'first-steps-others', signedIn: false };
    await home.visit(options, async ({ page }) => {
      const asked: string[] = [];
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      const person = new Person(page, 'touch');
      await person.fill('Your name', name);
      await person.fill('Password', password);
      await person.press('button', 'Sign in');
      await person.arrive('Home');
      await untilMoving(page, door.id);
      await page.waitForLoadState('networkidle');
      expect(await cards(page).count()).toBe(isOwner ? 3 : 0);
      expect(asked.includes('/api/first-steps')).toBe(isOwner);
      await body(page);
    });
  }

  it.each(VISITS)('end the camera’s cloud with a look ($size)', async (look) => {
    const { means, ...rest } = look;
    await home.visit({ ...rest, journey: 'cloud' }, async ({ page, faults, shot }) => {
      const person = new Person(page, means);
      await untilMoving(page, door.id);
      if (look.size === 'phone') {
        await person.press('link', 'Try it: Silence the camera’s cloud');
      } else {
        // Tried once, on the phone: its card is gone, and the settings lead to it.
        await person.press('link', 'Settings');
        await person.press('link', 'Silence the camera’s cloud');
      }
      await person.arrive('The camera’s cloud');
      await person.see(/^Front door is at 127\.0\.0\.1\.$/);
      expect(await faults()).toEqual([]);
      await person.press('button', 'Look at Front door now');
      await person.see(
        /^Front door still sends pictures to this box \(\d\d:\d\d( [AP]M)?\)\.$/,
        LOOKED_WITHIN_MS,
      );
      await person.see('What its maker no longer gets, only your router can tell.');
      await page.getByRole('link', { name: 'See it yourself' }).scrollIntoViewIfNeeded();
      expect(await faults('seen')).toEqual([]);
      await expect.poll(states).toContain('cloud tried');
      await page.goto('/');
      await untilMoving(page, door.id);
      await cards(page).first().waitFor();
      expect(await page.getByRole('heading', { level: 3 }).allTextContents()).not.toContain(
        'Silence the camera’s cloud',
      );
      await page.goto('/settings');
      await person.see(/^Tried on \d+ \w+ \d{4}\.$/);
      await shot('settings');
    });
  });

  it('does not count an old picture, nor none', async () => {
    await home.visit(
      { ...SIZES[0]!, journey: 'cloud-none', at: '/privacy/cloud' },
      async ({ page, faults }) => {
        let asked = 0;
        await page.route('**/snapshot', async (route) => {
          asked += 1;
          // First one that was taken before, as of a camera that has gone silent; then none at all.
          const headers = { 'Doorkeep-Taken-At': '2026-01-01T12:00:00.000Z' };
          if (asked < 3) await route.fulfill({ contentType: 'image/jpeg', body: 'x', headers });
          else await route.fulfill({ status: 404, body: '' });
        });
        await page.getByRole('button', { name: 'Look at Front door now' }).tap();
        await page.getByText('Waiting for a new picture of Front door.').waitFor();
        const nothing = page.getByText('No new picture came from Front door.');
        await nothing.waitFor({ timeout: LOOKED_WITHIN_MS });
        await page.getByText(/It needs the home and not the Internet\.$/).waitFor();
        expect(await faults()).toEqual([]);
        expect(asked).toBeGreaterThan(3);
      },
    );
  });

  it('end the plug test with its sentence', async () => {
    await home.visit({ ...SIZES[1]!, journey: 'first-steps-plug' }, async ({ page }) => {
      const person = new Person(page, 'mouse');
      await person.press('link', 'Try it: Plug test');
      await person.arrive('Plug test');
      await person.press('switch', 'It is cut off');
      await person.press('button', 'Look at live');
      await person.see(/^A picture of Front door came/, LOOKED_WITHIN_MS);
      await person.press('button', 'Look at the past');
      await person.see(/^Footage of Front door/, LOOKED_WITHIN_MS);
      expect(await states()).toContain('plug-test open');
      await person.fill('Your password', OWNER.password);
      await person.press('button', 'Make a copy');
      await person.see(/deleted again\.$/, LOOKED_WITHIN_MS);
      await person.press('switch', 'I saw it move');
      await person.press('button', 'End the test');
      await person.see(/cut off from the Internet, live went on/);
      await expect.poll(states).toContain('plug-test tried');
      await page.goto('/');
      await cards(page).first().waitFor();
      const left = await page.getByRole('heading', { level: 3 }).allTextContents();
      expect(left).not.toContain('Plug test');
      expect(left).toContain('Let phones in');
    });
  });
});

const cards = (page: Page): ReturnType<Page['getByRole']> =>
  page.getByRole('region', { name: 'First steps' }).getByRole('listitem');
