/// <reference lib="dom" />
/** A phone that is kept unlocked, and a wall screen, as a person meets them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../../server/base/clock.ts';
import { OWNER } from '../doubles/doorkeep-server.ts';
import { chromiumAvailable, SIZES } from '../fixtures/browser.ts';
import { coveringNeighbours } from '../fixtures/browser-measures.ts';
import { Person } from '../fixtures/browser-person.ts';
import { untilMoving } from '../fixtures/browser-picture.ts';
import type { HomeWithPage, PageCamera } from '../fixtures/home-with-page.ts';
import { startHomeWithPast } from '../fixtures/home-with-page-past.ts';
import { childrenOf } from '../fixtures/process-table.ts';

const PASSWORD = 'Your password';
const KEEP = 'Keep this phone unlocked';
const KEPT = 'Locked. Live goes on; the past opens with one press here.';
const TYPED = 'Locked. Live goes on; the past opens with your password.';
const SCREEN = 'Wall screen: live only, the past stays locked here.';

const clock = new SystemClock();

describe.skipIf(!chromiumAvailable)('without a password', () => {
  const past = { fromMs: clock.wallMs() - 3 * 3_600_000, seconds: 40 * 16 };
  let home: HomeWithPage;
  let door: PageCamera;

  beforeAll(async () => {
    ({ home, camera: door } = await startHomeWithPast([past]));
  });
  afterAll(() => home.dispose());
  beforeEach(async () => {
    await home.server.signIn();
  });

  const atPast = (): string =>
    `/camera/${door.id}?at=${new Date(past.fromMs + 60_000).toISOString()}`;

  // First: whoever looks at the past below is shown as watching for a minute.
  it.each(SIZES)('a wall screen shows live, and nothing else ($size)', async (look) => {
    await home.visit(
      { ...look, journey: 'wall-screen', at: '/settings' },
      async ({ page, faults, shot }) => {
        const person = new Person(page, look.size === 'phone' ? 'touch' : 'mouse');
        await person.press('button', 'Make this a wall screen');
        await page.getByText(SCREEN).waitFor();
        await untilMoving(page, door.id);
        await page.goto(atPast());
        await page.getByText(SCREEN).waitFor();
        expect(await page.getByRole('link').count()).toBe(0);
        // Who watches is shown here as on every other page (G10): this screen itself, by its maker.
        await expect
          .poll(() => page.getByRole('button').allTextContents())
          .toEqual([`Who is watching: Wall screen of ${OWNER.username}S`, 'Leave']);
        expect(await coveringNeighbours(page, '.wall-screen-corner')).toEqual([]);
        await untilMoving(page, door.id);
        expect(await faults()).toEqual([]);
        const main = page.getByRole('main');
        expect(await main.getAttribute('data-dim')).toBe('false');
        // The pictures need the real time; the timer that is begun by this touch does not.
        await page.clock.install();
        await page.mouse.move(60, 60);
        await page.mouse.move(80, 80);
        await page.clock.fastForward(5 * 60_000 + 1_000);
        await expect.poll(() => main.getAttribute('data-dim')).toBe('true');
        await shot('dim');
        await page.mouse.move(20, 20);
        await page.mouse.move(40, 40);
        await expect.poll(() => main.getAttribute('data-dim')).toBe('false');
        await person.press('button', 'Leave');
        await person.arrive('Sign in');
      },
    );
  });

  it.each(SIZES)(
    'a kept phone opens the past by itself, after a lock by a press ($size)',
    async (look) => {
      await home.visit(
        { ...look, journey: 'kept', at: '/storage' },
        async ({ page, context, faults, shot }) => {
          const person = new Person(page, look.size === 'phone' ? 'touch' : 'keyboard');
          await page.getByRole('switch', { name: KEEP }).click();
          await person.fill(PASSWORD, 'not the password');
          await person.press('button', 'Keep it');
          await page.getByText(/password is not right/).waitFor();
          await person.fill(PASSWORD, OWNER.password);
          await person.press('button', 'Keep it');
          const row = page.getByRole('listitem').filter({ hasText: 'this one' });
          await row.waitFor();
          expect(await faults('list')).toEqual([]);
          const kept = (await context.cookies(`${home.server.baseUrl}/api/unlock`)).find(
            ({ name }) => name === 'doorkeep-kept',
          );
          expect(kept).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/api/unlock' });

          // As after 15 minutes: this session is locked, and nobody pressed Lock.
          lockWithoutAWish(home.server.pid);
          await page.goto(atPast());
          await untilMoving(page, door.id);

          // Somebody locks: it stays locked here until its person presses.
          expect((await home.server.api('POST', '/api/lock')).status).toBe(204);
          await page.getByText(KEPT).waitFor({ timeout: 12_000 });
          await page.reload();
          await page.getByText(KEPT).waitFor();
          await clock.sleep(2_000);
          expect(await page.getByText(KEPT).count()).toBe(1);
          await shot('waits');
          await person.press('button', 'Open the past');
          await untilMoving(page, door.id);

          // Taken off here, and put back.
          await page.goto(`${home.server.baseUrl}/storage`);
          await row.waitFor();
          await page.getByRole('button', { name: /^End: / }).click();
          await page.getByText('asks for the password again.').waitFor();
          await expect.poll(() => row.count()).toBe(0);
          await shot('taken-off');
          await person.press('button', 'Undo');
          await row.waitFor();
          await page.goto(atPast());
          await page.getByText(KEPT).waitFor();
          await person.press('button', 'Open the past');
          await untilMoving(page, door.id);

          // Taken off the list elsewhere, it asks for the password again.
          const { body } = await home.server.api<{ keptPhones: { id: string }[] }>(
            'GET',
            '/api/keys',
          );
          for (const { id } of body.keptPhones)
            await home.server.api('DELETE', `/api/keys/phones/${id}`);
          await page.getByText(TYPED).waitFor({ timeout: 12_000 });
        },
      );
    },
  );
});

/** Ends the key process, and with it every unlock. */
function lockWithoutAWish(serverPid: number): void {
  for (const { pid, argv } of childrenOf(serverPid)) {
    if (argv.some((word) => word.endsWith('key-worker.js'))) process.kill(pid, 'SIGKILL');
  }
}
