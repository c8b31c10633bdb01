/** Every reason is told to the people of the house, in their words. */
import { expect, it } from 'vitest';
import { GAP_REASONS } from '../../../../server/contract/recording.ts';
import { gapWords } from '../../../../web/timeline/gap-words.ts';

/** Rule 8 of the experience. */
const BANNED =
  /\b(stream|codec|RTSP|GOP|token|hash|certificate|session|sync|instance|failed|invalid|error)/i;

it.each([...GAP_REASONS, undefined])('says why: %s', (reason) => {
  const words = gapWords(reason, 'Front door');
  expect(words).toMatch(/^[A-Z].*\.$/);
  expect(words.length).toBeLessThanOrEqual(90);
  expect(words).not.toMatch(BANNED);
});

it('names the camera where it is the camera', () => {
  expect(gapWords('unreachable', 'Porch')).toContain('Porch');
  expect(gapWords('disk-full', 'Porch')).not.toContain('Porch');
});
