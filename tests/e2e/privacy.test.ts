/// <reference lib="dom" />
/** The privacy page: its first line, its drawing, how one knows; on every screen and on one sheet of paper. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { OWNER } from '../doubles/doorkeep-server.ts';
import { chromiumAvailable, LOOKS, SIZES } from '../fixtures/browser.ts';
import { sidewaysPx } from '../fixtures/browser-measures.ts';
import { Person } from '../fixtures/browser-person.ts';
import { holdPrivacy } from '../fixtures/held-privacy.ts';
import { holdStorage } from '../fixtures/held-storage.ts';
import { HomeWithPage, type PageCamera } from '../fixtures/home-with-page.ts';
import { readingGrade } from '../fixtures/reading-grade.ts';
import { pdfPages } from '../fixtures/pdf-pages.ts';

/** experience.md, The privacy page. */
const GRADE_MAX = 8;

/** What is seen of a phone of 844 px between the bars of the page. */
const PHONE_SCREEN_PX = 844 - 48 - 56;

const SHEETS = ['A4', 'Letter'] as const;

/** As printers need it. */
const margin = { top: '12mm', bottom: '12mm', left: '12mm', right: '12mm' };

describe.skipIf(!chromiumAvailable)('the privacy page', () => {
  let home: HomeWithPage;
  let door: PageCamera;

  beforeAll(async () => {
    home = await HomeWithPage.start();
    door = await home.addCamera('Front door');
  });
  afterAll(() => home.dispose());

  it.each(LOOKS)('of a quiet week says so, and how to know ($size, $theme)', async (look) => {
    await home.visit(
      { ...look, journey: 'privacy', at: 'none' },
      async ({ page, shot, faults }) => {
        await holdPrivacy(page);
        await holdStorage(page, [door.id]);
        await page.goto('/settings');
        const person = new Person(page, look.size === 'phone' ? 'touch' : 'mouse');
        await person.press('link', 'Privacy');
        await person.arrive('Privacy');
        await person.see(/^Since \p{L}+ this box spoke to 3 devices, all inside your home\. *$/u);
        await person.see(/^Nothing else was tried\. *$/);
        expect(await unsourced(page)).toEqual([]);
        expect(readingGrade(await sentences(page))).toBeLessThanOrEqual(GRADE_MAX);
        const limits = page.getByRole('region', { name: 'What Doorkeep cannot do for you' });
        expect((await limits.boundingBox())!.height).toBeLessThanOrEqual(2 * PHONE_SCREEN_PX);
        expect(await sidewaysPx(page)).toBe(0);
        if (SIZES.some(({ size, theme }) => size === look.size && theme === look.theme)) {
          expect(await faults()).toEqual([]);
        }
        for (const part of ['What it talks to', 'Who watched', 'What is kept, and when it goes']) {
          await page.getByRole('heading', { name: part }).waitFor();
        }
        await page.getByRole('heading', { name: 'Who watched' }).scrollIntoViewIfNeeded();
        await shot('watched');
        await page.getByRole('heading', { name: /cannot do/ }).scrollIntoViewIfNeeded();
        await shot('cannot');
      },
    );
  });

  it.each(LOOKS)('draws 16 cameras, refusals and open doors ($size, $theme)', async (look) => {
    await home.visit({ ...look, journey: 'privacy-full', at: 'none' }, async ({ page, shot }) => {
      await holdPrivacy(page, {
        cameras: 16,
        refused: ['203.0.113.9', '198.51.100.77', '2001:db8::17'],
        doors: ['Home Assistant', 'Hall tablet'],
      });
      await holdStorage(page, [door.id]);
      await page.goto('/privacy');
      await page
        .getByText(/^Front door tried to send us to 203\.0\.113\.9, outside/)
        .first()
        .waitFor();
      await page.getByText(/^2 doors are open to programs that get pictures\. *$/).waitFor();
      const drawing = page.getByRole('img', { name: /^Drawing: the wall of the house/ });
      const words = (await drawing.getAttribute('aria-label')) ?? '';
      for (const said of [
        'The old gate by the shed at 192.168',
        'stops at the wall: 203.0.113.9',
      ]) {
        expect(words).toContain(said);
      }
      expect(words).toContain('A door drawn open: Home Assistant gets pictures of every camera.');
      expect(await overlapping(page)).toEqual([]);
      expect(await sidewaysPx(page)).toBe(0);
      await drawing.scrollIntoViewIfNeeded();
      await shot();
      const box = (await drawing.boundingBox())!;
      await page.mouse.wheel(0, box.y - 60);
      await shot('drawing');
    });
  });

  it.each(SHEETS)('prints on one sheet of %s: eight cameras, refusals, a door', async (format) => {
    await home.visit(
      { ...SIZES[1]!, journey: 'privacy-print', at: 'none' },
      async ({ page, shot }) => {
        await holdPrivacy(page, {
          cameras: 8,
          refused: ['203.0.113.9', '198.51.100.77'],
          doors: ['Home Assistant'],
        });
        await holdStorage(page, [door.id]);
        await page.goto('/privacy');
        await page.getByRole('heading', { name: /cannot do/ }).waitFor();
        expect(pdfPages(await page.pdf({ format, margin }))).toBe(1);
        await page.emulateMedia({ media: 'print' });
        await page.setViewportSize({ width: 720, height: 1030 });
        await shot(format);
        expect(await page.getByRole('button', { name: 'Lock now' }).count()).toBe(0);
        await page.emulateMedia({ media: null });
        for (const at of ['/privacy/asked', '/privacy/taken']) {
          await page.goto(at);
          await page.getByRole('heading', { name: 'What a taken box shows' }).waitFor();
          expect(pdfPages(await page.pdf({ format, margin })), at).toBe(1);
        }
        // What is too long is seen to be: the count can fail.
        await page.evaluate(() => {
          document.querySelector('main')?.append(document.createElement('div'));
          const long = document.querySelector('main > div:last-child');
          if (long instanceof HTMLElement) long.style.height = '3000px';
        });
        expect(pdfPages(await page.pdf({ format, margin }))).toBeGreaterThan(1);
      },
    );
  });

  it.each([
    ['guard', 'absent', /^The promise does not hold: Doorkeep’s guard is off\. *$/],
    ['systemd', 'broken', /^The kernel should keep packets in and does not: a test packet got out/],
  ] as const)('begins with it when %s is %s', async (name, state, said) => {
    await home.visit({ ...SIZES[0]!, journey: `privacy-${name}`, at: 'none' }, async (visit) => {
      const { page, faults } = visit;
      const guard = { name: 'guard', state: 'active' } as const;
      const layers = name === 'guard' ? [{ name, state }] : [guard, { name, state }];
      await holdPrivacy(page, { layers });
      await page.goto('/privacy');
      const line = page.getByRole('region', { name: 'In one line' }).getByText(said);
      await line.waitFor();
      expect(await line.getAttribute('data-tone')).toBe('alarm');
      expect(await faults()).toEqual([]);
    });
  });

  it('tells what the real box did, by keyboard alone, and locks', async () => {
    await home.visit(
      { ...SIZES[1]!, journey: 'privacy-real', at: '/privacy' },
      async ({ page, shot }) => {
        const person = new Person(page, 'keyboard');
        await person.see(/^Since .* today this box spoke to 1 device, inside your home\. *$/);
        await person.see(/^Front door at 127\.0\.0\.1, spoken to now\.$/);
        expect(await unsourced(page)).toEqual([]);
        await person.press('button', 'Try it now');
        await person.see(/^Tried today/);
        await shot();
        await person.press('button', 'Lock now');
        await person.see('The past is locked here. It opens with a password.');
        await person.press('link', 'If the box is stolen');
        await person.arrive('If the box is stolen');
        await person.press('link', 'Back');
        await person.press('link', 'If officers ask');
        await person.arrive('If officers ask');
      },
    );
  });

  it('draws a door that was opened by hand, and no more once it is shut', async () => {
    const made = await home.server.api<{ id: string }>('POST', '/api/tokens', {
      ...{ name: 'Home Assistant', scope: 'live-picture', camera: door.id },
      password: OWNER.password,
    });
    expect(made.status).toBe(201);
    await home.visit(
      { ...SIZES[0]!, journey: 'privacy-door', at: '/privacy' },
      async ({ page, shot }) => {
        await page
          .getByText(/^1 door is open: Home Assistant gets pictures of Front door\. *$/)
          .waitFor();
        const drawn = page.getByRole('img', { name: /A door drawn open: Home Assistant/ });
        expect(await drawn.count()).toBe(1);
        await shot();
        await home.server.api('DELETE', `/api/tokens/${made.body.id}`);
        await page.reload();
        await page.getByText('No program outside Doorkeep gets pictures.').waitFor();
        expect(await drawn.count()).toBe(0);
      },
    );
  });

  it.each(SIZES)('leads to pages that say what to do ($size)', async (look) => {
    for (const [name, at] of [
      ['asked', '/privacy/asked'],
      ['taken', '/privacy/taken'],
    ] as const) {
      await home.visit({ ...look, journey: `privacy-${name}`, at }, async ({ page, faults }) => {
        await page.getByRole('heading', { name: 'This box' }).waitFor();
        expect(await unsourced(page)).toEqual([]);
        expect(await faults()).toEqual([]);
      });
    }
  });
});

describe.skipIf(!chromiumAvailable)('a box whose kernel was to be told and was not', () => {
  let home: HomeWithPage;

  beforeAll(async () => {
    home = await HomeWithPage.start({ env: { DOORKEEP_CONFINED_BY: 'nftables' } });
  });
  afterAll(() => home.dispose());

  it('never looks like one where it holds', async () => {
    await home.visit(
      { ...SIZES[1]!, journey: 'privacy-unconfined', at: '/privacy' },
      async (visit) => {
        const { page, shot } = visit;
        await page.getByRole('heading', { name: 'What it talks to' }).waitFor();
        await shot();
        const line = await page.getByRole('region', { name: 'In one line' }).innerText();
        // Where this machine has no way out, nothing can be tried, and nothing is claimed.
        const said = await page.getByRole('region', { name: 'What it talks to' }).innerText();
        expect(`${line} ${said}`).toMatch(
          /The kernel should keep packets in and does not|no way out to try it|Nobody has tried it yet/,
        );
        expect(said).not.toContain('stopped a test packet');
      },
    );
  });
});

/** Sentences without their field, and parts that do not say how one can know. */
async function unsourced(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const facts = [...document.querySelectorAll('.facts > li, .first-line > span')];
    const parts = [...document.querySelectorAll('.facts-part, [aria-label="In one line"]')];
    if (facts.length < 3) return ['there are no facts'];
    return [
      ...facts.filter((fact) => !/^[a-z]/.test(fact.getAttribute('data-source') ?? '')),
      ...parts.filter(
        (part) =>
          !/How do you know\?.+To (?:read|repeat) it: \S/.test(
            part.textContent.replaceAll('\n', ' '),
          ),
      ),
    ].map(({ textContent }) => textContent.slice(0, 60));
  });
}

/** Every sentence of the page, without the commands. */
async function sentences(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.first-line > span, .facts > li, .how, .facts-part h2')].map(
      (part) => {
        const copy = part.cloneNode(true) as Element;
        for (const code of copy.querySelectorAll('code')) code.remove();
        return copy.textContent.replace(/: *$/, '.');
      },
    ),
  );
}

/** Words of the drawing that lie on each other. */
async function overlapping(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const words = [...document.querySelectorAll('.house-word')]
      .filter((word) => word.getClientRects().length > 0)
      .map((word) => ({ text: word.textContent, box: word.getBoundingClientRect() }));
    if (words.length < 10) return [`only ${String(words.length)} words`];
    return words.flatMap((one, index) =>
      words
        .slice(index + 1)
        .filter(
          ({ box }) =>
            one.box.left < box.right - 1 &&
            box.left < one.box.right - 1 &&
            one.box.top < box.bottom - 2 &&
            box.top < one.box.bottom - 2,
        )
        .map(({ text }) => `${one.text} lies on ${text}`),
    );
  });
}
