import { describe, expect, it } from 'vitest';
import type { Camera } from '../../../../server/contract/camera.ts';
import {
  lossWords,
  pictureWords,
  stateWords,
  suggestedNames,
} from '../../../../web/words/camera-words.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 15, 0, 0);

const camera: Camera = {
  ...{ id: 'a'.repeat(16), name: 'Porch', sound: false, enabled: true, position: 0 },
  source: { type: 'rtsp', url: 'rtsp://192.168.1.20/stream1' },
  ...{ state: 'online', createdAt: '2026-11-22T14:00:00.000Z' },
};

describe('a camera’s state', () => {
  it('is live, with sound only where there is some', () => {
    expect(stateWords(camera, NOW_MS).sentence).toBe('Live and recording.');
    const audio = { codec: 'aac', sampleRate: 48_000, channels: 1 };
    expect(stateWords({ ...camera, sound: true, audio }, NOW_MS).sentence).toContain('with sound');
    expect(stateWords({ ...camera, sound: true, audio: null }, NOW_MS).sentence).not.toContain(
      'sound',
    );
  });

  it('is off when somebody switched it off, whatever the connection says', () => {
    expect(stateWords({ ...camera, enabled: false }, NOW_MS).sentence).toMatch(/^Switched off/);
  });

  it('is the box’s sentence with since when, when something is wrong', () => {
    const stateReason = {
      ...{ reason: 'unreachable', sentence: 'No picture from Porch. It does not answer.' },
      ...{ hint: 'Is it powered?', since: '2026-11-22T14:02:00.000Z' },
    };
    const words = stateWords({ ...camera, state: 'failed', stateReason }, NOW_MS);
    expect(words.sentence).toBe(stateReason.sentence);
    expect(words.hint).toMatch(/^Since .*\. Is it powered\?$/);
  });

  it('is a wait before the first picture', () => {
    expect(stateWords({ ...camera, state: 'connecting' }, NOW_MS).sentence).toMatch(/^Waiting/);
  });
});

it('says what a camera sends', () => {
  const video = { codec: 'h264', width: 1920, height: 1080, keyFrameIntervalMs: null } as const;
  expect(pictureWords({ ...video, framesPerSecond: 14.98 })).toBe(
    '1920 × 1080, 15 pictures a second',
  );
  expect(pictureWords({ ...video, framesPerSecond: null })).toBe('1920 × 1080');
});

it('says with numbers what goes with a camera', () => {
  const use = { durationMs: 3 * 86_400_000 };
  expect(lossWords({ ...use, bytes: 41_000_000_000 })).toContain('3 days, 41 GB');
  expect(lossWords({ ...use, bytes: 0 })).toMatch(/Nothing was recorded/);
  expect(lossWords(undefined)).toMatch(/could not be counted/);
});

it('suggests names that are free', () => {
  expect(suggestedNames(['front DOOR'])).not.toContain('Front door');
  expect(suggestedNames([])).toContain('Front door');
});
