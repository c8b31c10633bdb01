/** Limits as a person types them. */
import { describe, expect, it } from 'vitest';
import { fieldsOf, readKeep, sameKeep } from '../../../../web/words/keep-fields.ts';

const NONE = { days: null, bytes: null };
const GB = 1_000_000_000;

describe('limits', () => {
  it('come back from the fields as they were put in', () => {
    for (const keep of [NONE, { days: 14, bytes: 100 * GB }, { days: null, bytes: 1.5 * GB }]) {
      expect(readKeep(fieldsOf(keep), keep)).toEqual({ ok: true, keep });
    }
  });

  it('set elsewhere to the byte stay so while their field is not touched', () => {
    const before = { days: null, bytes: 1_073_741_824 };
    const fields = fieldsOf(before);
    expect(fields.gigabytes).toBe('1.1');
    expect(readKeep({ ...fields, days: '7' }, before)).toEqual({
      ok: true,
      keep: { days: 7, bytes: 1_073_741_824 },
    });
  });

  it('are none where nothing is typed', () => {
    expect(readKeep({ days: ' ', gigabytes: '' }, { days: 7, bytes: GB })).toEqual({
      ok: true,
      keep: NONE,
    });
  });

  it.each([
    ['1.5', 1.5],
    ['1000', 1_000],
    ['2,5', 2.5],
  ])('are read as people write numbers: %s', (gigabytes, value) => {
    const read = readKeep({ days: '', gigabytes }, NONE);
    if (value < 2) expect(read.ok).toBe(false);
    else expect(read).toEqual({ ok: true, keep: { days: null, bytes: value * GB } });
  });

  it.each(['0', '-1', '1.5', '3651', 'a week', '1e3'])('take no %s for days', (days) => {
    const read = readKeep({ days, gigabytes: '' }, NONE);
    expect(read).toMatchObject({
      ok: false,
      days: expect.stringContaining('1 to 3,650') as string,
    });
    expect(read).not.toHaveProperty('gigabytes');
  });

  it.each(['0', '1', '1.9', 'all', '1000001'])('take no %s for gigabytes', (gigabytes) => {
    const read = readKeep({ days: '', gigabytes }, NONE);
    expect(read).toMatchObject({ ok: false, gigabytes: expect.stringContaining('2 GB') as string });
    expect(read).not.toHaveProperty('days');
  });

  it('say what is wrong with each field at once', () => {
    const read = readKeep({ days: '0', gigabytes: '0' }, NONE);
    expect(Object.keys(read)).toEqual(['ok', 'days', 'gigabytes']);
  });

  it('are compared by what they say', () => {
    expect(sameKeep(NONE, { days: null, bytes: null })).toBe(true);
    expect(sameKeep(NONE, { days: 1, bytes: null })).toBe(false);
    expect(sameKeep(NONE, { days: null, bytes: GB })).toBe(false);
  });
});
