/** Adding, changing and removing cameras: what goes wrong is said, what is done can be undone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable } from '../fixtures/browser.ts';
import { Person } from '../fixtures/browser-person.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';
import { cameraOf } from '../fixtures/household.ts';
import { faultsOf, untilTold } from '../fixtures/page-words.ts';
import { answers } from '../doubles/rtsp-camera/trouble.ts';
import { until } from '../doubles/doorkeep-server.ts';
import type { RtspCamera } from '../doubles/rtsp-camera/camera.ts';

const PHONE = { size: 'phone', theme: 'dark' } as const;
const DESKTOP = { size: 'desktop', theme: 'light' } as const;

/** The box gives a camera 15 s to show itself. */
const TOLD_WITHIN_MS = 25_000;

/** A camera that was typed in rightly, and is not as it should be. */
interface Wrong {
  readonly what: string;
  readonly spoil: (device: RtspCamera) => unknown;
  readonly words: RegExp;
}

describe.skipIf(!chromiumAvailable)('cameras', () => {
  let home: HomeWithPage;
  let porch: PageCamera;
  let garage: PageCamera;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    porch = await home.addCamera('Porch');
    garage = await home.addCamera('Garage');
  });
  afterAll(() => home.dispose());

  const wrongs: Wrong[] = [
    { what: 'nothing answers', spoil: (device) => device.close(), words: /./ },
    {
      what: 'the password is wrong',
      spoil: (device) => (device.login.account.password = 'another'),
      words: /password/i,
    },
    {
      what: 'there is no such picture',
      spoil: (device) => (device.trouble.answer = answers.notFound),
      words: /address|path/i,
    },
    {
      what: 'it takes no more viewers',
      spoil: (device) => (device.trouble.answer = answers.tooManyViewers),
      words: /./,
    },
    {
      what: 'it sends us elsewhere',
      spoil: (device) => (device.trouble.answer = answers.redirect('rtsp://203.0.113.9/')),
      words: /203\.0\.113\.9|elsewhere|another/,
    },
  ];

  it.each(wrongs)('say so when $what', async ({ what, spoil, words }) => {
    const device = await home.simulate({ login: 'digest' });
    const { username, password } = { ...device.login.account };
    await spoil(device);
    const options = { ...PHONE, journey: 'camera-refused', at: '/cameras/new' };
    await home.visit(options, async ({ page, shot }) => {
      const person = new Person(page, 'touch');
      await person.fill('Address of the camera', device.url('/main'));
      await person.fill('User name', username);
      await person.fill('Password of the camera', password);
      await person.press('button', 'Try it');
      const told = await untilTold(page, TOLD_WITHIN_MS);
      await shot(what.replaceAll(' ', '-'));
      expect(faultsOf(told)).toEqual([]);
      expect(`${told.first} ${told.rest}`).toMatch(words);
      // What was typed is still there to be mended.
      expect(await page.getByLabel('Address of the camera').inputValue()).toBe(device.url('/main'));
      expect(await page.getByLabel('Password of the camera').inputValue()).toBe(password);
    });
  });

  it('say so when the address makes no sense, and do not ask anybody', async () => {
    await home.visit({ ...PHONE, journey: 'camera-typo', at: '/cameras/new' }, async ({ page }) => {
      const person = new Person(page, 'touch');
      for (const address of ['http://192.168.1.20/', 'rtsp://', 'rtsp://203.0.113.9/stream']) {
        await person.fill('Address of the camera', address);
        await person.press('button', 'Try it');
        expect(faultsOf(await untilTold(page, TOLD_WITHIN_MS)), address).toEqual([]);
      }
    });
  });

  it('can be renamed, switched off and moved without being asked, and it can be undone', async () => {
    await home.visit({ ...DESKTOP, journey: 'undo', at: '/cameras' }, async ({ page, shot }) => {
      const person = new Person(page, 'mouse');
      const undo = async (sentence: RegExp): Promise<void> => {
        await person.see(sentence);
        expect(await page.getByRole('dialog').count()).toBe(0);
        await person.press('button', 'Undo');
      };
      const has = (wanted: object): Promise<void> =>
        until(
          async () => {
            const now = await cameraOf(home.server, porch.id);
            return Object.entries(wanted).every(
              ([key, value]) => now[key as keyof typeof now] === value,
            );
          },
          { withinMs: 5_000, what: JSON.stringify(wanted) },
        );

      await person.press('switch', 'Porch is on');
      await has({ enabled: false });
      await shot();
      await undo(/Porch is switched off/);
      await has({ enabled: true });

      const names = (): Promise<string[]> =>
        page.getByRole('article').getByRole('heading').allTextContents();
      await person.press('button', 'Move Porch down');
      await expect.poll(names).toEqual(['Garage', 'Porch']);
      await undo(/Porch/);
      await expect.poll(names).toEqual(['Porch', 'Garage']);

      await person.press('link', 'Change Porch');
      await person.fill('Name', 'Terrace');
      await person.press('button', 'Rename');
      await has({ name: 'Terrace' });
      await undo(/Porch is called Terrace now/);
      await has({ name: 'Porch' });

      await person.press('switch', 'Keep its sound, too');
      await has({ sound: true });
      await undo(/sound of Porch is kept/);
      await has({ sound: false });
    });
  });

  it('are tried before another address is saved, and go on as they were when it does not work', async () => {
    const at = `/cameras/${garage.id}`;
    await home.visit({ ...PHONE, journey: 'camera-moved', at }, async ({ page, shot }) => {
      const person = new Person(page, 'touch');
      await person.press('button', 'Change the address');
      await person.fill('Address of the camera', 'rtsp://127.0.0.1:9/gone');
      await person.press('button', 'Try it and save');
      expect(faultsOf(await untilTold(page, TOLD_WITHIN_MS))).toEqual([]);
      await person.see('Garage goes on as it was.');
      await shot();
      expect((await cameraOf(home.server, garage.id)).source.url).toBe(garage.device.url('/main'));
    });
  });

  it('are removed only after a question that counts what is lost', async () => {
    await until(
      async () =>
        (
          await home.server.api<{ cameras: { bytes: number }[] }>('GET', '/api/storage')
        ).body.cameras.every(({ bytes }) => bytes > 0),
      { withinMs: 15_000, what: 'footage' },
    );
    const at = `/cameras/${garage.id}`;
    await home.visit({ ...PHONE, journey: 'remove', at }, async ({ page, shot }) => {
      const person = new Person(page, 'touch');
      await person.press('button', 'Remove Garage');
      const question = page.getByRole('dialog', { name: 'Remove Garage?' });
      // Length and size, e.g. "12 s, 1.1 MB".
      await question.getByText(/\d+ (s|min|h|days).*\d (kB|MB|GB)/).waitFor();
      await shot();
      await person.press('button', 'Keep it');
      await question.waitFor({ state: 'hidden' });
      expect((await cameraOf(home.server, garage.id)).name).toBe('Garage');

      await person.press('button', 'Remove Garage');
      await question.getByText(/\d (kB|MB|GB)/).waitFor();
      await person.press('button', 'Remove it');
      await person.arrive('Cameras');
      await page.getByRole('article', { name: 'Garage' }).waitFor({ state: 'detached' });
      expect(await page.getByRole('article').count()).toBe(1);
    });
  });
});
