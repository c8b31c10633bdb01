import { describe, expect, it } from 'vitest';
import { ERROR_TABLE } from '../../../server/api/error-table.ts';
import { problemOf } from '../../../server/api/problem.ts';
import { AppError, type ErrorKind } from '../../../server/base/errors.ts';
import { Secret } from '../../../server/base/secret.ts';

const STATUSES: [ErrorKind, number][] = [
  ['invalid', 400],
  ['unauthenticated', 401],
  ['forbidden', 403],
  ['not-found', 404],
  ['conflict', 409],
  ['unprocessable', 422],
  ['locked', 423],
  ['throttled', 429],
  ['exhausted', 503],
  ['timeout', 504],
  ['corrupt', 500],
  ['unavailable', 503],
  ['io', 500],
  ['cancelled', 503],
  ['internal', 500],
];

it('maps every kind, and nothing else', () => {
  expect(Object.keys(ERROR_TABLE).sort()).toEqual(STATUSES.map(([kind]) => kind).sort());
});

it.each(STATUSES)('answers %s with %i', (kind, status) => {
  const problem = problemOf(new AppError(kind, 'a message', { hint: 'a hint', reason: 'why' }));
  expect(problem).toMatchObject({ status, hint: 'a hint', reason: 'why' });
  expect(problem.type).toBe(`urn:doorkeep:problem:${kind}`);
});

describe('what a problem shows', () => {
  it.each(['io', 'corrupt', 'internal'] as const)('is no message from below: %s', (kind) => {
    const error = new AppError(kind, "EACCES: permission denied, open '/srv/ada/x'");
    expect(JSON.stringify(problemOf(error))).not.toMatch(/ada|EACCES/);
  });

  it('is no secret', () => {
    const secret = new Secret('a-planted-secret');
    const error = new AppError('unprocessable', `no ${secret.reveal()}`, {
      hint: `try rtsp://u:${secret.reveal()}@10.0.0.9/`,
    });
    expect(JSON.stringify(problemOf(error))).not.toContain('planted');
  });
});
