/** Why the real server closes a live view that was open: a camera that goes, a viewer that speaks. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIVE_CLOSE } from '../../server/contract/live.ts';
import { LiveHome, untilFragments } from '../fixtures/live-home.ts';

describe('a live view', () => {
  let home: LiveHome;

  beforeAll(async () => {
    home = await LiveHome.start();
    await home.untilOnline();
  });
  afterAll(() => home.dispose());

  it('of a camera that is removed is hung up on, and no other', async () => {
    const kept = await home.watch();
    const gone = await home.watch('', { of: home.flashId });
    await untilFragments(kept, 5);
    const answer = await home.server.api('DELETE', `/api/cameras/${home.flashId}`);
    expect(answer.status).toBe(204);
    expect(await gone.closed).toBe(LIVE_CLOSE.cameraGone);
    await expect(home.watch('', { of: home.flashId })).rejects.toMatchObject({ status: 404 });
    await untilFragments(kept, kept.fragments + 5);
  });

  it('of somebody who says something is hung up on', async () => {
    const client = await home.watch();
    client.socket.send('hello');
    expect(await client.closed).toBe(LIVE_CLOSE.unexpectedData);
  });

  it('is refused to another origin, and to another name of the box that is none', async () => {
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:1']) {
      await expect(home.watch('', { origin }), origin).rejects.toMatchObject({ status: 403 });
    }
    await expect(home.watch('', { cookie: undefined })).rejects.toMatchObject({ status: 401 });
  });
});
