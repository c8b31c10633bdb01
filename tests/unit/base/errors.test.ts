import { describe, expect, it } from 'vitest';
import {
  AppError,
  cancelled,
  errnoCode,
  errorChain,
  toAppError,
} from '../../../server/base/errors.ts';

it('toAppError keeps an AppError and wraps the rest with its cause', () => {
  const own = new AppError('io', 'disk');
  expect(toAppError(own)).toBe(own);
  const foreign = new TypeError('x is not a function');
  expect(toAppError(foreign)).toMatchObject({
    ...{ kind: 'internal', message: 'x is not a function', cause: foreign },
  });
  expect(toAppError('text', 'unavailable', 'sentence')).toMatchObject({
    ...{ kind: 'unavailable', message: 'sentence', cause: 'text' },
  });
});

it('cancelled says why', () => {
  const reason = new AppError('cancelled', 'ended: disabled', { reason: 'disabled' });
  expect(cancelled(AbortSignal.abort(reason))).toBe(reason);
  expect(cancelled()).toMatchObject({ kind: 'cancelled' });
  const foreign = new Error('why');
  expect(cancelled(AbortSignal.abort(foreign))).toMatchObject({
    kind: 'cancelled',
    cause: foreign,
  });
});

it.each([
  [Object.assign(new Error('full'), { code: 'ENOSPC' }), 'ENOSPC'],
  [Object.assign(new Error('odd'), { code: 7 }), undefined],
  [new Error('none'), undefined],
  [null, undefined],
  ['ENOSPC', undefined],
])('errnoCode(%s) is %s', (thrown, expected) => {
  expect(errnoCode(thrown)).toBe(expected);
});

describe('errorChain', () => {
  it('has every cause, outermost first', () => {
    const root = Object.assign(new Error('write EIO'), { code: 'EIO' });
    const middle = new AppError('io', 'could not write', { cause: root });
    expect(errorChain(new AppError('unavailable', 'stopped', { cause: middle }))).toBe(
      'unavailable: stopped <- io: could not write <- Error: write EIO',
    );
  });

  it('ends for an error that is its own cause, and for what is no error', () => {
    const loop = new Error('again');
    loop.cause = loop;
    expect(errorChain(loop).split(' <- ')).toHaveLength(8);
    expect(errorChain('text')).toBe('text');
    expect(errorChain({ secret: 'x' })).toBe('object');
    expect(errorChain(undefined)).toBe('');
  });
});
