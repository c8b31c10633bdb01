import { describe, expect, it } from 'vitest';
import type { CameraTest, RtspSource } from '../../../../server/contract/camera.ts';
import type { Outcome } from '../../../../web/api/call.ts';
import { candidatesOf, NO_SOURCE } from '../../../../web/state/camera-draft.ts';
import { findPicture } from '../../../../web/state/camera-search.ts';

const all = candidatesOf({ ...NO_SOURCE, address: '10.0.0.9' });

const test: CameraTest = {
  main: {
    video: {
      ...{ codec: 'h264', width: 640, height: 360 },
      ...{ framesPerSecond: 15, keyFrameIntervalMs: 2_000 },
    },
    picture: { type: 'image/jpeg', base64: '' },
  },
  warnings: [],
};

/** A camera that shows its picture at `path`, and refuses everything else with `reason`. */
function camera(path: string, reason: string) {
  const asked: string[] = [];
  const look = (source: RtspSource): Promise<Outcome<CameraTest>> => {
    asked.push(source.url);
    if (source.url.endsWith(path)) {
      return Promise.resolve({ ok: true, value: test, response: new Response() });
    }
    const trouble = { kind: 'unprocessable', reason, sentence: 'No.', hint: 'Look.', status: 422 };
    return Promise.resolve({ ok: false, trouble });
  };
  return { asked, look };
}

describe('the search for a picture', () => {
  it('goes on until one shows it', async () => {
    const { look } = camera('/stream1', 'not-found');
    const tries: number[] = [];
    const found = await findPicture(all, look, (index) => tries.push(index));
    expect(found.ok && found.candidate.maker?.name).toBe('Tapo or VIGI');
    expect(tries).toEqual(all.map((_, index) => index));
  });

  it.each(['wrong-password', 'password-needed', 'unreachable', 'camera-busy', 'stalled'])(
    'ends where another address would be no better, and locks no camera: %s',
    async (reason) => {
      const { asked, look } = camera('/nowhere', reason);
      const found = await findPicture(all, look, () => undefined);
      expect(found.ok || found.trouble.reason).toBe(reason);
      expect(asked).toHaveLength(1);
    },
  );

  it('says that none of the usual addresses has it, once all were tried', async () => {
    const { asked, look } = camera('/nowhere', 'not-found');
    const found = await findPicture(all, look, () => undefined);
    expect(asked).toHaveLength(all.length);
    expect(found.ok || found.trouble.sentence).toMatch(/none of the usual addresses/);
  });

  it('keeps the camera’s own words for the one address that was typed', async () => {
    const { look } = camera('/nowhere', 'not-found');
    const found = await findPicture(all.slice(0, 1), look, () => undefined);
    expect(found.ok || found.trouble.sentence).toBe('No.');
  });

  it('does not say that a camera answers that answered nowhere', async () => {
    const { look } = camera('/nowhere', 'connection-refused');
    const found = await findPicture(all, look, () => undefined);
    expect(found.ok || found.trouble.reason).toBe('connection-refused');
  });
});
