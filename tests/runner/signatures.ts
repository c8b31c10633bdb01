/**
 * `npm audit signatures`: whether what is installed is what the registry has signed. It asks the registry
 * and Sigstore's key server, so it runs in `npm test` and never on a box; where they do not answer, that
 * is said and counted as skipped.
 */
import { runProgram } from './run-program.ts';
import { NOTHING, type Tally, withFailure } from './tally.ts';

/** Four hundred packages take half of this; a network that swallows packets is not waited for. */
const WITHIN_MS = 60_000;

/** One try each: whoever runs this again tries again. */
const ARGS = ['audit', 'signatures', '--fetch-retries=0', '--fetch-timeout=15000'];

/** What npm says when nobody answers, or answers for a network of its own (a proxy, a mirror without keys). */
const NOT_ANSWERED =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR|E404|E5\d\d|E407|CERT_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+)\b|no registry keys|No dependencies found|does not provide signing keys/i;

/** What npm says of one that is wrong or missing; whatever else it says then. */
const WRONG =
  /\d+ packages? (has|have) (an )?(invalid|missing) (registry )?(signature|attestation)|EINTEGRITYSIGNATURE|EATTESTATIONVERIFY/i;

/** How it ended, and what is said of it. */
export interface SignatureEnd {
  readonly tally: Tally;
  readonly line: string;
}

/** Reads what npm said. Pure. */
export function endOfAudit(end: { ok: boolean; timedOut: boolean; output: string }): SignatureEnd {
  if (end.ok) return { tally: { ...NOTHING, passed: 1 }, line: 'ok    signatures (npm audit)' };
  if (!WRONG.test(end.output)) {
    const why = end.timedOut ? 'no answer within a minute' : NOT_ANSWERED.exec(end.output)?.[0];
    if (why !== undefined) {
      const line = `skipped  signatures (npm audit): the registry does not answer (${why})`;
      return { tally: { ...NOTHING, skipped: 1 }, line };
    }
  }
  const [file, reason] = ['signatures (npm audit)', end.output.trimEnd()];
  const line = `${reason}\nFAIL  ${file}`;
  return { tally: withFailure(NOTHING, { file, test: '', reason }), line };
}

/** Runs it with the npm that runs us. */
export async function runSignatures(print: (line: string) => void): Promise<Tally> {
  const npm = process.env.npm_execpath ?? '';
  if (!/npm-cli\.[cm]?js$/.test(npm)) {
    print('skipped  signatures (npm audit): not started by npm');
    return { ...NOTHING, skipped: 1 };
  }
  const run = { script: npm, args: ARGS, timeoutMs: WITHIN_MS, output: 'keep' } as const;
  const { tally, line } = endOfAudit(await runProgram(run));
  print(line);
  return tally;
}
