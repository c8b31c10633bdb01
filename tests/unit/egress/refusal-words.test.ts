import { describe, expect, it } from 'vitest';
import { sentUsElsewhere, triedItself } from '../../../server/egress/refusal-words.ts';
import { REFUSED_WAYS } from '../../../server/egress/refusals.ts';

describe('sentUsElsewhere', () => {
  it.each([
    ['203.0.113.9', 'Porch tried to send us to 203.0.113.9, outside your home. We did not go.'],
    ['203.0.113.9:554', 'Porch tried to send us to 203.0.113.9, outside your home. We did not go.'],
    [
      '[2001:db8::9]:554',
      'Porch tried to send us to 2001:db8::9, outside your home. We did not go.',
    ],
    ['127.0.0.1:8080', 'Porch tried to send us to 127.0.0.1. We did not go.'],
    ['169.254.169.254', 'Porch tried to send us to 169.254.169.254. We did not go.'],
    ['cam.example:554', 'Porch tried to send us to cam.example. We did not go.'],
    ['elsewhere', 'Porch tried to send us to elsewhere. We did not go.'],
  ])('%s', (to, sentence) => {
    expect(sentUsElsewhere('Porch', to)).toBe(sentence);
  });

  it.each(['203.0.113.255', '2001:0db8:1111:2222:3333:4444:5555:6666', 'x'.repeat(128)])(
    'fits on a line whatever the names are: %s',
    (to) => {
      const sentence = sentUsElsewhere('The one above the old gate behind the shed', to);
      expect(sentence.length).toBeLessThanOrEqual(90);
      expect(sentence).toMatch(/^The one.* tried to send us to .*We did not go\.$/);
    },
  );
});

describe('triedItself', () => {
  it.each(REFUSED_WAYS)('%s is a sentence that fits on a line', (way) => {
    const sentence = triedItself(way, 'some-package-with-a-long-name', 'x'.repeat(128));
    expect(sentence).toMatch(/^A part of Doorkeep \(.+\) tried to .+\. It was refused\.$/);
    expect(sentence.length).toBeLessThanOrEqual(130);
  });
});
