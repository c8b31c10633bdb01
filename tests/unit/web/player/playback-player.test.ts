import { beforeEach, describe, expect, it, vi } from 'vitest';
import { PlaybackPlayer } from '../../../../web/player/playback-player.ts';
import { TestBrowserClock } from '../../../doubles/test-browser-clock.ts';
const NOW = Date.parse('2026-11-22T15:00:00Z');
it('probe', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    if (url.includes('recordings')) return Response.json({ ranges: [{ from: '2026-11-22T12:00:00.000Z', to: '2026-11-22T14:59:00.000Z' }], gaps: [] });
    return new Response('{"type":"urn:doorkeep:problem:not-found","reason":"nothing-recorded","detail":"x","status":404}', { status: 404, headers: { 'Content-Type': 'application/problem+json' } });
  });
  const video = Object.assign(new EventTarget(), { currentTime: 0, play: () => Promise.resolve(), pause: () => undefined, canPlayType: () => 'maybe', removeAttribute: () => undefined, load: () => undefined });
  const states: unknown[] = [];
  const p = new PlaybackPlayer(video as never, { cameraId: 'c', clock: new TestBrowserClock(NOW), onState: (s) => states.push(s), onHole: (h) => states.push(h) });
  p.playFrom(Date.parse('2026-11-22T11:00:00Z'));
  await new Promise((r) => setTimeout(r, 1500));
  console.log(asked.length, JSON.stringify(states, null, 1), asked.slice(0, 6));
  expect(1).toBe(1);
});
