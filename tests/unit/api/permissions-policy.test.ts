/** What pages are not let do, whatever gets into them; and that nothing is switched off that the page needs. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERMISSIONS_POLICY } from '../../../server/api/security-headers.ts';
import { TestApi } from '../../doubles/test-api.ts';
import { codeBelow, textOf } from '../../repo/tree.ts';

/** How source asks for what a feature governs. */
const ASKS: Readonly<Record<string, RegExp>> = {
  camera: /getUserMedia/,
  microphone: /getUserMedia|SpeechRecognition/,
  geolocation: /\bgeolocation\b/,
  'display-capture': /getDisplayMedia/,
  'encrypted-media': /requestMediaKeySystemAccess/,
  fullscreen: /requestFullscreen/,
  'screen-wake-lock': /wakeLock/,
  'clipboard-write': /clipboard\.write/,
  'picture-in-picture': /requestPictureInPicture/,
  'web-share': /navigator\.share/,
  'idle-detection': /IdleDetector/,
  payment: /PaymentRequest/,
  'publickey-credentials-get': /credentials\.get/,
  gamepad: /getGamepads/,
  accelerometer: /DeviceMotionEvent|Accelerometer/,
  'sync-xhr': /XMLHttpRequest/,
};

const page = codeBelow('web').map(textOf).join('\n');
const off = [...PERMISSIONS_POLICY.matchAll(/([a-z-]+)=\(\)/g)].map(([, feature = '']) => feature);

describe('Permissions-Policy', () => {
  let box: TestApi;
  beforeAll(async () => {
    box = await TestApi.start();
  });
  afterAll(() => box.close());

  it.each(['/api/health', '/api/session', '/nothing', '/'])('stands on %s', async (url) => {
    expect((await box.send({ url })).headers['permissions-policy']).toBe(PERMISSIONS_POLICY);
  });

  it('is a list of features that are off for everybody (Structured Fields)', () => {
    expect(PERMISSIONS_POLICY).toBe(off.map((feature) => `${feature}=()`).join(', '));
    expect(new Set(off).size).toBe(off.length);
    expect(off).toEqual(expect.arrayContaining(['camera', 'microphone', 'geolocation']));
  });

  it('has everything off that the page never asks for, and nothing that it does', () => {
    for (const [feature, asks] of Object.entries(ASKS)) {
      expect([feature, off.includes(feature)]).toEqual([feature, !asks.test(page)]);
    }
  });
});
