/** Cards that are quiet, plain and true; and how a camera is kept from its maker. */
import { describe, expect, it } from 'vitest';
import { FIRST_STEPS } from '../../../../server/contract/first-steps.ts';
import {
  AT_THE_CAMERA,
  AT_THE_ROUTER,
  MAY_STOP,
  placeWords,
  stillWords,
} from '../../../../web/words/cloud-words.ts';
import { FIRST_STEP_WORDS, firstStepState } from '../../../../web/words/first-step-words.ts';
import { faultsOf } from '../../../fixtures/page-words.ts';
import { readingGrade } from '../../../fixtures/reading-grade.ts';

const AT = '2026-11-27T12:00:00.000Z';

describe('the cards', () => {
  it('stand in the order of the box, which is that of the settings', () => {
    expect(Object.keys(FIRST_STEP_WORDS)).toEqual([...FIRST_STEPS]);
  });

  it.each(Object.entries(FIRST_STEP_WORDS))('%s is one plain sentence', (_step, words) => {
    expect(faultsOf({ first: words.about, rest: 'The button says it.' })).toEqual([]);
    expect(words.about.match(/[.?]/g)).toHaveLength(1);
    expect(words.title.length).toBeLessThanOrEqual(30);
    expect(words.takes).toMatch(/^About \d+ minutes$/);
  });

  it('ask for eight years of school, and nag nobody', () => {
    const said = Object.values(FIRST_STEP_WORDS).map(({ about }) => about);
    expect(readingGrade(said)).toBeLessThanOrEqual(8);
    expect(JSON.stringify(FIRST_STEP_WORDS)).not.toMatch(/must|should|!|%|important|remember/i);
  });

  it('say what became of them', () => {
    expect(firstStepState({ step: 'cloud', state: 'open', at: null })).toBe('Not tried yet.');
    expect(firstStepState({ step: 'cloud', state: 'tried', at: AT })).toBe(
      'Tried on 27 November 2026.',
    );
    expect(firstStepState({ step: 'cloud', state: 'put-away', at: AT })).toBe(
      'Put away on 27 November 2026.',
    );
  });
});

describe('the steps against a camera’s cloud', () => {
  it('ask for eight years of school', () => {
    for (const steps of [AT_THE_CAMERA, AT_THE_ROUTER, MAY_STOP]) {
      expect(readingGrade(steps)).toBeLessThanOrEqual(8);
    }
  });

  it('name what may stop, before anything is looked at', () => {
    const said = MAY_STOP.join(' ');
    expect(said).toContain('app no longer shows the camera when you are away');
    expect(said).toContain('tell of a press late');
    expect(said).toContain('no updates');
  });

  it('name where each camera is, for the router’s list, and no password', () => {
    expect(placeWords('Front door', 'rtsp://192.168.1.20:8554/stream1')).toBe(
      'Front door is at 192.168.1.20.',
    );
    expect(placeWords('Shed', 'rtsp://[fd00::20]:554/a')).toBe('Shed is at [fd00::20].');
    expect(placeWords('Shed', '')).toBeUndefined();
  });

  it('end with a picture and its time', () => {
    expect(stillWords('Front door', new Date(2026, 10, 27, 14, 2).getTime())).toMatch(
      /^Front door still sends pictures to this box \((14:02|02:02 PM)\)\.$/,
    );
  });
});
