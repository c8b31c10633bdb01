/**
 * A phone of the home opens the page over HTTPS, on an address that is not loopback: with the box's
 * authority installed everything works, and without it the page says what to do.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { BrowserContext, Download, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FirstSteps } from '../../server/contract/first-steps.ts';
import { DoorkeepServer, OWNER } from '../doubles/doorkeep-server.ts';
import type { RtspCamera } from '../doubles/rtsp-camera/camera.ts';
import { chromiumAvailable, contextOptions, type Look } from '../fixtures/browser.ts';
import { BrowserInNetwork, canImportAuthorities } from '../fixtures/browser-in-network.ts';
import { seriousFindings, sidewaysPx, smallTargets } from '../fixtures/browser-measures.ts';
import { Person } from '../fixtures/browser-person.ts';
import { picture, shownNumber, untilMoving } from '../fixtures/browser-picture.ts';
import { BrowserWatch } from '../fixtures/browser-watch.ts';
import { shoot, simulateCamera, sourceOf } from '../fixtures/home-with-page.ts';
import { addCamera } from '../fixtures/household.ts';
import { canMakeNetworks, NetworkNamespace } from '../fixtures/network-namespace.ts';

const LOOK: Look = { size: 'phone', theme: 'dark' };

/** As Chrome on Android calls itself; which words the page chooses depends on it. */
const ANDROID =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) ' +
  'Chrome/156.0.0.0 Mobile Safari/537.36';

/** Longer than any step takes here; a test that hangs says where. */
const STEP_WITHIN_MS = 10_000;

const UNKNOWN_BOX = 'This phone does not know this box yet, so pictures stay off.';

/** What Chromium writes on the console about the question of state/trust.ts. */
const WORKER_REFUSED = /error occurred when fetching the script/;

interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly watch: BrowserWatch;
  readonly shot: (step: string) => Promise<void>;
}

describe.skipIf(!canMakeNetworks || !chromiumAvailable)('a phone in the home network', () => {
  let network: NetworkNamespace;
  let server: DoorkeepServer;
  let device: RtspCamera;
  let cameraId: string;
  let host: string;

  beforeAll(async () => {
    network = await NetworkNamespace.create();
    server = await DoorkeepServer.start({ env: { DOORKEEP_HOST: '0.0.0.0' } });
    await server.setUp();
    device = await simulateCamera({});
    const porch = { name: 'Porch', source: sourceOf(device), sound: false };
    ({ id: cameraId } = await addCamera(server, porch));
    host = `${network.boxAddress}:${new URL(server.baseUrl).port}`;
  });
  afterAll(async () => {
    await server.dispose();
    await device.close();
    await network.remove();
  });

  /** The body on a phone of its own; fails, too, when the page did what it should not. */
  async function onPhone(
    trusted: string | undefined,
    body: (visit: Visit) => Promise<void>,
  ): Promise<void> {
    const phone = await BrowserInNetwork.start(network, trusted === undefined ? {} : { trusted });
    try {
      const options = { ...contextOptions(LOOK), userAgent: ANDROID };
      // The page asks by way of a worker whether the browser knows the box.
      const context = await phone.browser.newContext({ ...options, serviceWorkers: 'allow' });
      context.setDefaultTimeout(STEP_WITHIN_MS);
      const watch = new BrowserWatch(context, `https://${host}`);
      const page = await context.newPage();
      const shot = (step: string): Promise<void> =>
        shoot(page, { ...LOOK, journey: 'home-network', step });
      try {
        await body({ page, context, watch, shot });
      } catch (thrown) {
        await shot('failed').catch(() => undefined);
        throw thrown;
      }
      expect(watch.wrong).toEqual([]);
    } finally {
      await phone.close();
    }
  }

  it.skipIf(!canImportAuthorities)('is live over HTTPS when it knows the box', async () => {
    const { body: authority } = await server.api<string>('GET', '/ca.crt');
    expect(await phoneStep()).toBe('open');
    await onPhone(authority, async ({ page, context, watch, shot }) => {
      // Typed without https:// in front, as people do.
      const answer = await page.goto(`http://${host}/`);
      expect(answer?.url()).toBe(`https://${host}/`);
      expect(answer?.request().redirectedFrom()?.url()).toBe(`http://${host}/`);
      await signIn(page);
      await untilMoving(page, cameraId);
      // Nobody said it: the box saw the phone come in.
      expect(await phoneStep()).toBe('tried');
      await page.goto(`https://${host}/phones`);
      await page.getByText(/^Yes, today .+: somebody came in from another machine/).waitFor();
      await shot('came-in');
      await page.goto(`https://${host}/`);
      await untilMoving(page, cameraId);
      const before = { number: await shownNumber(page, cameraId), at: await mediaTime(page) };
      await expect.poll(() => shownNumber(page, cameraId)).not.toBe(before.number);
      await expect.poll(() => mediaTime(page)).toBeGreaterThan(before.at);
      await shot('known');
      expect(await page.getByText('does not know this box').count()).toBe(0);
      const live = `wss://${host}/api/cameras/${cameraId}/live?`;
      expect(socketsIn(watch).map((address) => address.slice(0, live.length))).toContain(live);
      expect(socketsIn(watch).filter((address) => address.startsWith('ws:'))).toEqual([]);
      expect(await context.cookies()).toEqual([
        expect.objectContaining({
          ...{ name: '__Host-doorkeep', domain: network.boxAddress, path: '/' },
          ...{ secure: true, httpOnly: true, sameSite: 'Strict' },
        }),
      ]);
    });
  });

  it('is told what to do when it does not know the box', async () => {
    await onPhone(undefined, async ({ page, watch, shot }) => {
      watch.allow(WORKER_REFUSED);
      await expect(page.goto(`https://${host}/`)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID');
      await goOnAllTheSame(page);
      const person = new Person(page, 'touch');
      await person.see(UNKNOWN_BOX);
      await shot('unknown-sign-in');
      await signIn(page);

      await person.see('Let this phone know the box');
      await person.see(UNKNOWN_BOX);
      await person.see(/^In Settings search for “CA certificate”/);
      const number = page.getByText(/^([0-9A-F]{2} ){31}[0-9A-F]{2} ?$/);
      const shown = (await number.textContent())?.trim().replaceAll(' ', ':');
      expect(shown).toBe(printedFingerprint(server.output));
      await shot('unknown');
      await number.scrollIntoViewIfNeeded();
      await shot('unknown-number');
      expect(await seriousFindings(page)).toEqual([]);
      expect(await smallTargets(page)).toEqual([]);
      expect(await sidewaysPx(page)).toBe(0);

      const file = await downloaded(page, () => person.press('link', 'Fetch the file'));
      expect(new X509Certificate(file).fingerprint256).toBe(printedFingerprint(server.output));
      // The answer and the first picture race each other on a page that is signed in already.
      for (const at of ['/', `/camera/${cameraId}`, '/']) {
        await page.goto(`https://${host}${at}`);
        await person.see('Let this phone know the box');
      }
      expect(await page.locator('video').count()).toBe(0);
      // Who watches is words, which this phone gets as everybody does.
      const ofPictures = socketsIn(watch).filter((url) => !url.endsWith('/api/presence'));
      expect(ofPictures).toEqual([]);
    });
  });

  it('fetches the authority, and nothing else, without HTTPS', async () => {
    await onPhone(undefined, async ({ page }) => {
      const file = await downloaded(page, () =>
        // Chromium ends a visit that turns out to be a download.
        expect(page.goto(`http://${host}/ca.crt`)).rejects.toThrow('Download is starting'),
      );
      expect(new X509Certificate(file).fingerprint256).toBe(printedFingerprint(server.output));
      await expect(page.goto(`http://${host}/`)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID');
    });
  });

  async function phoneStep(): Promise<string | undefined> {
    const { body } = await server.api<FirstSteps>('GET', '/api/first-steps');
    return body.steps.find(({ step }) => step === 'phones')?.state;
  }

  async function signIn(page: Page): Promise<void> {
    const person = new Person(page, 'touch');
    await person.arrive('Sign in');
    await person.fill('Your name', OWNER.username);
    await person.fill('Password', OWNER.password);
    await person.press('button', 'Sign in');
    await person.arrive('Home');
  }

  function mediaTime(page: Page): Promise<number> {
    return picture(page, cameraId).evaluate((video: HTMLVideoElement) => video.currentTime);
  }
});

/** What a person presses on Chromium's warning; its words depend on the language of the machine. */
async function goOnAllTheSame(page: Page): Promise<void> {
  await page.locator('#details-button').click();
  await page.locator('#proceed-link').click();
}

/** What `act` lets the browser save. */
async function downloaded(page: Page, act: () => Promise<void>): Promise<Buffer> {
  const [download] = (await Promise.all([page.waitForEvent('download'), act()])) as [
    Download,
    ...unknown[],
  ];
  return readFile(await download.path());
}

function socketsIn(watch: BrowserWatch): string[] {
  return watch.requests.filter((address) => /^wss?:/.test(address));
}

/** The 32 pairs that the terminal shows, in two lines. */
function printedFingerprint(output: string): string {
  const [, first, second] = /^ +((?:[0-9A-F]{2}:){15}[0-9A-F]{2})\n +(\S+)$/m.exec(output) ?? [];
  return `${first ?? ''}:${second ?? ''}`;
}
