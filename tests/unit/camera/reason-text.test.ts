import { describe, expect, it } from 'vitest';
import { REASON_TEXTS } from '../../../server/camera/reason-text.ts';
import { CameraState } from '../../../server/contract/camera.ts';

/** Words that no first line has: a homeowner need not know them, or they only frighten. */
const BANNED = [
  ...['stream', 'codec', 'RTSP', 'GOP', 'token', 'hash', 'certificate', 'session', 'sync'],
  ...['instance', 'failed', 'invalid', 'error', 'oops', 'secure', 'protected by'],
];

describe.each(Object.entries(REASON_TEXTS))('%s', (_reason, text) => {
  const sentence = text.sentence('Front door');

  it('is one short sentence with the camera’s name in it', () => {
    expect(sentence).toContain('Front door');
    expect(sentence.length).toBeLessThanOrEqual(90);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  it('has none of the words that a first line must not have', () => {
    expect(BANNED.filter((word) => new RegExp(`\\b${word}\\b`, 'i').test(sentence))).toEqual([]);
  });

  it('says what to do next, and puts the camera into a state that exists', () => {
    expect(text.hint).toMatch(/\.$/);
    expect(CameraState.enum).toContain(text.state);
  });
});
