/// <reference lib="dom" />
/** What a person sets for themselves, and what the owner opens by hand: a password, doors for programs, a VPN. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWNER } from '../doubles/doorkeep-server.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { Person } from '../fixtures/browser-person.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';

const OTHER_PASSWORD = 'seven calm badgers';

/** A phone by thumb, a desktop by keyboard alone. */
const VISITS = SIZES.map((look) => ({
  ...look,
  means: look.size === 'phone' ? ('touch' as const) : ('keyboard' as const),
}));

describe.skipIf(!chromiumAvailable)('settings', () => {
  let home: HomeWithPage;
  let porch: PageCamera;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    porch = await home.addCamera('Porch');
  });
  afterAll(() => home.dispose());

  it.each(VISITS)('open a door for a program, and close it ($size)', async (look) => {
    const { means, ...rest } = look;
    await home.visit({ ...rest, journey: 'programs', at: '/settings' }, async (visit) => {
      const { page, faults } = visit;
      const person = new Person(page, means);
      await person.press('button', 'Let a program in…');
      await person.fill('Which program', 'Home Assistant');
      if (means === 'keyboard') {
        // The Tab key stops at the chosen one of them; arrows choose.
        await person.press('radio', 'Counters');
        await page.keyboard.press('ArrowDown');
      } else {
        await person.press('radio', 'Pictures of one camera');
      }
      await person.see('A program may take one picture a second from Porch.');
      await person.fill('Your password', 'not this one');
      await person.press(
        'button',
        'Let it in',
        page.getByRole('form', { name: 'Let a program in' }),
      );
      await person.see(/The password is not right/);
      await person.fill('Your password', OWNER.password);
      expect(await faults('form')).toEqual([]);
      await person.press(
        'button',
        'Let it in',
        page.getByRole('form', { name: 'Let a program in' }),
      );
      const note = page.getByRole('group', { name: 'What Home Assistant needs' });
      await note.waitFor();
      expect(await faults('shown-once')).toEqual([]);
      const secret = /Bearer ([\w-]{43})/.exec((await note.textContent()) ?? '')?.[1] ?? '';
      const ask = (): Promise<Response> =>
        fetch(`${home.server.baseUrl}/api/cameras/${porch.id}/snapshot`, {
          headers: { authorization: `Bearer ${secret}` },
        });
      const opened = await ask();
      expect(opened.status).toBe(200);
      expect(opened.headers.get('content-type')).toMatch(/^image\//);
      await opened.arrayBuffer();
      await person.press('button', 'Done', note);
      await note.waitFor({ state: 'detached' });
      expect(await page.content()).not.toContain(secret);
      await person.press('button', 'End the right of Home Assistant');
      await person.see('Home Assistant gets nothing more, at once.');
      expect(await faults('ending')).toEqual([]);
      await person.press('button', 'End it now');
      await page.getByRole('heading', { name: 'Home Assistant' }).waitFor({ state: 'detached' });
      expect((await ask()).status).toBe(401);
    });
  });

  it.each(VISITS)('let a VPN in by its range, with a way back ($size)', async (look) => {
    const { means, ...rest } = look;
    await home.visit({ ...rest, journey: 'vpn', at: '/settings' }, async ({ page, faults }) => {
      const person = new Person(page, means);
      const form = page.getByRole('form', { name: 'A range of a VPN' });
      await person.fill('Range of addresses', '8.8.8.0/24');
      await person.press('button', 'Let it in', form);
      await person.see('This range is at home already, or of the Internet.');
      await person.fill('Range of addresses', '100.64.0.0/10');
      await person.press('button', 'Let it in', form);
      const line = page.getByRole('button', { name: 'Leave out 100.64.0.0/10' });
      await line.waitFor();
      expect(await faults()).toEqual([]);
      await person.press('button', 'Leave out 100.64.0.0/10');
      await line.waitFor({ state: 'detached' });
      await person.press('button', 'Undo');
      await line.waitFor();
      await person.press('button', 'Leave out 100.64.0.0/10');
      await line.waitFor({ state: 'detached' });
    });
  });

  it.each(VISITS)(
    'leave out an address that was learned, with a way back ($size)',
    async (look) => {
      const { means, ...rest } = look;
      await home.server.api('PATCH', '/api/settings', {
        learnedAddresses: ['192.168.77.20', '10.66.66.66'],
      });
      await home.visit(
        { ...rest, journey: 'learned', at: '/settings' },
        async ({ page, faults }) => {
          const person = new Person(page, means);
          const list = page.getByRole('list', { name: 'Addresses that were learned' });
          await list.getByText('192.168.77.20').waitFor();
          expect(await list.getByText('Somebody asked for it.').count()).toBe(2);
          expect(await faults()).toEqual([]);
          const line = page.getByRole('button', { name: 'Leave out 10.66.66.66' });
          await person.press('button', 'Leave out 10.66.66.66');
          await line.waitFor({ state: 'detached' });
          await person.press('button', 'Undo');
          await line.waitFor();
          for (const address of ['10.66.66.66', '192.168.77.20']) {
            await person.press('button', `Leave out ${address}`);
          }
          await list.waitFor({ state: 'detached' });
        },
      );
    },
  );

  it('change the own password, which ends what is open elsewhere', async () => {
    const phone = SIZES[0]!;
    const other = { ...phone, journey: 'password-elsewhere', at: '/', signedIn: false };
    await home.visit(other, async (elsewhere) => {
      const there = new Person(elsewhere.page, 'touch');
      const signIn = async (password: string): Promise<void> => {
        await there.fill('Your name', OWNER.username);
        await there.fill('Password', password);
        await there.press('button', 'Sign in');
      };
      await signIn(OWNER.password);
      await there.arrive('Home');
      const own = { ...phone, journey: 'own-password', at: '/settings' };
      await home.visit(own, async ({ page, faults }) => {
        const person = new Person(page, 'touch');
        await person.press('button', 'Another password…');
        await person.fill('Your password', OWNER.password);
        await person.fill('New password', 'password');
        expect(await faults('asked')).toEqual([]);
        await person.press('button', 'Change it');
        await page
          .getByLabel('New password', { exact: true })
          .and(page.locator('[aria-invalid]'))
          .waitFor();
        await person.fill('Your password', OWNER.password);
        await person.fill('New password', OTHER_PASSWORD);
        await person.press('button', 'Change it');
        await person.see('Your new password counts from now on.');
        expect(await faults('done')).toEqual([]);
        await elsewhere.page.getByText('You were signed out of this browser.').waitFor();
        await signIn(OTHER_PASSWORD);
        await there.arrive('Home');
        await page.reload();
        await person.arrive('Settings');
      });
    });
  });
});
