/// <reference lib="dom" />
/**
 * What is seen in the page stays in the page: no request leaves the box, addresses and titles tell nothing,
 * the past goes when nobody looks, and a page of somebody else gets nothing.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { SystemClock } from '../../server/base/clock.ts';
import { chromiumAvailable, contextOptions, SIZES } from '../fixtures/browser.ts';
import { framesShown, picture, untilMoving } from '../fixtures/browser-picture.ts';
import type { HomeWithPage, PageCamera } from '../fixtures/home-with-page.ts';
import { startHomeWithPast } from '../fixtures/home-with-page-past.ts';

const DESKTOP = SIZES[1]!;

const HOUR_MS = 60 * 60_000;

/** A busy machine draws a frame late, and asks for a window of footage later still. */
const SHOWN_WITHIN_MS = 20_000;

/** What a page of somebody else can try with one camera, and what came of each. */
interface Attempts {
  picture: boolean;
  script: boolean;
  frame: boolean;
  read: boolean;
  readBlindly: boolean;
  socket: boolean;
}

describe.skipIf(!chromiumAvailable)('what is seen', () => {
  const stretch = { fromMs: new SystemClock().wallMs() - 3 * HOUR_MS, seconds: 8 * 16 };
  const pastMs = stretch.fromMs + 60_000;
  let home: HomeWithPage;
  let door: PageCamera;
  let foreign: Server;

  beforeAll(async () => {
    ({ home, camera: door } = await startHomeWithPast([stretch]));
    foreign = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><title>somebody else</title><body></body>');
    });
    await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    foreign.close();
    await home.dispose();
  });

  it('is asked for at the box alone, on every page, and nothing runs behind the page', async () => {
    const places = [
      ...['/', `/camera/${door.id}`, `/camera/${door.id}?at=${new Date(pastMs).toISOString()}`],
      ...['/cameras', '/cameras/new', `/cameras/${door.id}`, '/exports', '/storage', '/settings'],
    ];
    await home.visit({ ...DESKTOP, journey: 'own-origin', at: 'none' }, async (visit) => {
      const { page, watch } = visit;
      const [titles, addresses] = [new Set<string>(), new Set<string>()];
      for (const place of places) {
        await page.goto(place);
        await page.waitForLoadState('networkidle').catch(() => undefined);
        titles.add(await page.title());
        addresses.add(page.url());
      }
      // `visit` fails as well when another origin was asked; this counts what it looked at.
      const origins = watch.requests
        .filter((address) => !/^(blob|data):/.test(address))
        .map((address) => new URL(address).host);
      expect(origins.length).toBeGreaterThan(50);
      expect([...new Set(origins)]).toEqual([new URL(home.server.baseUrl).host]);
      expect([...titles]).toEqual(['Doorkeep']);
      // An id at most: no name, no moment.
      const told = [...addresses].map((address) => new URL(address));
      expect(told.filter(({ search, hash }) => search !== '' || hash !== '')).toEqual([]);
      const isPlain = /^(\/[a-z-]*|\/camera\/[0-9a-f]{16}|\/cameras\/([0-9a-f]{16}|new))$/;
      expect(told.filter(({ pathname }) => !isPlain.test(pathname))).toEqual([]);
      expect(await behindThePage(page)).toEqual({
        ...{ workers: 0, stores: [], referrer: '' },
      });
    });
  });

  it('has no script of the box that could run behind the page, but the empty one', async () => {
    // The other visits block them all.
    const context = await home.browser.newContext({
      ...{ ...contextOptions(DESKTOP), serviceWorkers: 'allow', baseURL: home.server.baseUrl },
    });
    try {
      const page = await context.newPage();
      await page.goto('/');
      expect(await page.evaluate(installed, '/trust-check.js')).toBe('installed');
      const own = await page.locator('script[src]').first().getAttribute('src');
      for (const script of [own ?? '', '/assets/none.js', '/api/health']) {
        expect(await page.evaluate(installed, script)).toContain('403');
      }
    } finally {
      await context.close();
    }
  });

  it('is gone while nobody sees the page, and is back at the same place', async () => {
    const at = `/camera/${door.id}?at=${new Date(pastMs).toISOString()}`;
    await home.visit({ ...DESKTOP, journey: 'unseen', at }, async ({ page }) => {
      await expect
        .poll(() => framesShown(page, door.id, 500), { timeout: SHOWN_WITHIN_MS })
        .toBeGreaterThan(0);
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByText('paused', { exact: true }).waitFor();
      expect(await picture(page, door.id).evaluate(staysHere)).toEqual([true, true, 'deny']);
      const before = await momentOf(page);
      const element = await picture(page, door.id).elementHandle();

      await turnAway(page, 'hidden');
      await expect.poll(() => page.locator('video').count()).toBe(0);
      // Whatever still holds the elements holds no picture.
      expect(await element.evaluate(leftIn)).toEqual({ src: '', frames: 0, stream: false });
      expect(await page.evaluate(drawnCanvases)).toBe(0);
      expect(await page.title()).toBe('Doorkeep');

      await turnAway(page, 'visible');
      await picture(page, door.id).waitFor();
      await page.getByText('paused', { exact: true }).waitFor();
      expect(Math.abs((await momentOf(page)) - before)).toBeLessThan(1_000);
    });
  });

  it('is gone when the page is put away in the browser’s memory of pages', async () => {
    const at = `/camera/${door.id}?at=${new Date(pastMs).toISOString()}`;
    await home.visit({ ...DESKTOP, journey: 'put-away', at }, async ({ page }) => {
      await picture(page, door.id).waitFor();
      await page.evaluate(() => {
        dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      });
      await expect.poll(() => page.locator('video').count()).toBe(0);
      await page.evaluate(() => {
        dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
      });
      await picture(page, door.id).waitFor();
    });
  });

  it('live stays what it is, and cannot be cast either', async () => {
    const at = `/camera/${door.id}`;
    await home.visit({ ...DESKTOP, journey: 'live-stays', at }, async ({ page }) => {
      await untilMoving(page, door.id);
      expect(await picture(page, door.id).evaluate(staysHere)).toEqual([true, true, 'deny']);
    });
  });

  // The first is the same site to a browser, so the session's cookie goes along; the second is not.
  it.each(['127.0.0.1', 'localhost'])(
    'is nothing for a page at %s on another port',
    async (host) => {
      const { port } = foreign.address() as AddressInfo;
      const { server } = home;
      const context = await home.browser.newContext(contextOptions(DESKTOP));
      try {
        const [name = '', value = ''] = (server.cookie ?? '').split(/=(.*)/s);
        await context.addCookies([{ name, value, url: server.baseUrl, sameSite: 'Strict' }]);
        const page = await context.newPage();
        const target = { box: server.baseUrl, id: door.id };
        const settings = async (): Promise<string> =>
          JSON.stringify((await server.api('GET', '/api/settings')).body);
        const before = await settings();

        // From the box's own page all of it works, so the attempts are real ones.
        await page.goto(`${server.baseUrl}/settings`);
        expect(await page.evaluate(tryAll, target)).toMatchObject({
          ...{ picture: true, read: true, readBlindly: true, socket: true },
        });

        await page.goto(`http://${host}:${String(port)}/`);
        expect(await page.evaluate(tryAll, target)).toEqual({
          ...{ picture: false, script: false, frame: false, read: false, readBlindly: false },
          socket: false,
        });
        await page.evaluate(changeAll, target);
        await page.goto(`http://${host}:${String(port)}/`);
        for (const path of ['/api/lock', '/api/settings', '/api/setup']) {
          await postForm(page, `${server.baseUrl}${path}`);
          expect(await page.content()).toContain('foreign-origin');
          await page.goto(`http://${host}:${String(port)}/`);
        }
        expect(await settings()).toBe(before);
        expect((await server.api<{ locked: boolean }>('GET', '/api/session')).body.locked).toBe(
          false,
        );
        expect(
          (await server.api<{ cameras: unknown[] }>('GET', '/api/cameras')).body.cameras,
        ).toHaveLength(1);
      } finally {
        await context.close();
      }
    },
  );
});

/** What could keep something when the page is gone. */
async function behindThePage(page: Page): Promise<Record<string, unknown>> {
  return page.evaluate(async () => ({
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    stores: [
      ...(await caches.keys()),
      ...(await indexedDB.databases()).map((database) => database.name),
    ],
    referrer: document.referrer,
  }));
}

/** In the page: a worker of this script alone, and what the browser says when there is none. */
async function installed(script: string): Promise<string> {
  try {
    const registration = await navigator.serviceWorker.register(script, { scope: script });
    await registration.unregister();
    return 'installed';
  } catch (thrown) {
    return String(thrown);
  }
}

function staysHere(element: Element): unknown[] {
  const video = element as HTMLVideoElement;
  return [
    ...[video.disableRemotePlayback, video.disablePictureInPicture],
    video.getAttribute('x-webkit-airplay'),
  ];
}

function leftIn(element: Node): Record<string, unknown> {
  const video = element as HTMLVideoElement;
  return { src: video.src, frames: video.videoWidth, stream: video.srcObject !== null };
}

function drawnCanvases(): number {
  return [...document.querySelectorAll('canvas')].filter(({ width }) => width > 0).length;
}

/** As a phone says it when it is put away, and taken up again. */
async function turnAway(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
}

async function momentOf(page: Page): Promise<number> {
  const shown = await page.locator('figcaption time').getAttribute('datetime');
  return Date.parse(shown ?? '');
}

/** In the page: true for each that brought something. */
async function tryAll({ box, id }: { box: string; id: string }): Promise<Attempts> {
  const snapshot = `${box}/api/cameras/${id}/snapshot`;
  const made = (element: HTMLElement & { src: string }, src: string): Promise<boolean> =>
    new Promise((resolve) => {
      element.onload = () => {
        resolve(true);
      };
      element.onerror = () => {
        resolve(false);
      };
      element.src = src;
      document.body.append(element);
    });
  const socket = new WebSocket(`${box.replace('http', 'ws')}/api/cameras/${id}/live?stream=sub`);
  const opened = new Promise<boolean>((resolve) => {
    socket.onmessage = () => {
      resolve(true);
    };
    socket.onclose = () => {
      resolve(false);
    };
  });
  const frame = document.createElement('iframe');
  await made(frame, `${box}/camera/${id}`);
  let isFrameSeen = false;
  try {
    isFrameSeen = (frame.contentDocument?.querySelectorAll('video').length ?? 0) > 0;
  } catch {
    // Another origin's, or an error page.
  }
  const got = async (init: RequestInit): Promise<boolean> => {
    try {
      const answer = await fetch(snapshot, init);
      return answer.ok || answer.type === 'opaque';
    } catch {
      return false;
    }
  };
  const attempts = {
    picture: await made(new Image(), snapshot),
    script: await made(document.createElement('script'), `${box}/api/cameras`),
    frame: isFrameSeen,
    read: await got({ credentials: 'include' }),
    readBlindly: await got({ mode: 'no-cors', credentials: 'include' }),
    socket: await opened,
  };
  socket.close();
  return attempts;
}

/** In the page: changes that need no answer. */
async function changeAll({ box, id }: { box: string; id: string }): Promise<void> {
  const asText = { mode: 'no-cors', credentials: 'include' } as const;
  const post = (path: string, body: string): Promise<unknown> =>
    fetch(box + path, { ...asText, method: 'POST', body }).catch(() => undefined);
  await post('/api/lock', '');
  await post('/api/settings', '{"reach":"home"}');
  await post(
    '/api/cameras',
    '{"name":"Planted","source":{"type":"rtsp","url":"rtsp://192.0.2.1/"}}',
  );
  await post(`/api/session/live-only`, '{}');
  navigator.sendBeacon(`${box}/api/lock`, new Blob(['{}'], { type: 'text/plain' }));
  for (const method of ['PATCH', 'DELETE']) {
    await fetch(`${box}/api/cameras/${id}`, { method, credentials: 'include' }).catch(
      () => undefined,
    );
  }
}

/** A form that is sent as a page sends one, and the status of what came back. */
async function postForm(page: Page, action: string): Promise<number> {
  const answered = page.waitForResponse((response) => response.url() === action);
  await page.evaluate((to) => {
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', action: to, enctype: 'text/plain' });
    const field = document.createElement('input');
    Object.assign(field, { name: '{"reach":"home","a":"', value: '"}' });
    form.append(field);
    document.body.append(form);
    form.submit();
  }, action);
  const status = (await answered).status();
  await page.waitForURL(action);
  return status;
}
