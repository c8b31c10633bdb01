import { describe, expect, it } from 'vitest';
import { endOfAudit } from '../../runner/signatures.ts';

const failed = (output: string, timedOut = false): ReturnType<typeof endOfAudit> =>
  endOfAudit({ ok: false, timedOut, output });

describe('npm audit signatures', () => {
  it('counts as passed when npm is content', () => {
    const { tally, line } = endOfAudit({ ok: true, timedOut: false, output: '' });
    expect([tally.passed, tally.failed, tally.skipped]).toEqual([1, 0, 0]);
    expect(line).toMatch(/^ok /);
  });

  it.each([
    'npm error code ENOTFOUND\nnpm error network request to https://tuf-repo-cdn.sigstore.dev/…',
    'npm error code EAI_AGAIN',
    'npm error code E503',
    'npm error code UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  ])('is skipped, with the reason, when nobody answers: %s', (output) => {
    const { tally, line } = failed(output);
    expect([tally.passed, tally.failed, tally.skipped]).toEqual([0, 0, 1]);
    expect(line).toMatch(/^skipped .*\([A-Z0-9_]+\)$/);
  });

  it('is skipped when it takes too long', () => {
    expect(failed('', true)).toMatchObject({ tally: { skipped: 1 } });
  });

  it.each([
    'audited 390 packages in 3s\n\n1 package has an invalid registry signature:\nplanted@1.0.0',
    '2 packages have missing registry signatures but the registry is providing signing keys:\nplanted',
    '1 package has an invalid attestation:\nplanted@1.0.0\nnpm error code ENOTFOUND',
    'something nobody has thought of',
    '',
  ])('fails when a signature is wrong or missing, or nobody knows why: %s', (output) => {
    expect(failed(output)).toMatchObject({ tally: { failed: 1, skipped: 0 } });
  });
});
