/** Calls of the box's API: every outcome is a value, and what went wrong has words for a person. */
import type { Problem } from '../../server/contract/problem.ts';

/** What happened, what it means, what to do; and what programs go by. */
export interface Trouble {
  /** The kind of error as the box names it; `gone`: no answer came; `aborted`: nobody waits. */
  readonly kind: string;
  /** Finer than the kind, where the box said it. */
  readonly reason: string | undefined;
  readonly sentence: string;
  readonly hint: string;
  /** 0 when no answer came. */
  readonly status: number;
}

/** A call's end. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly response: Response }
  | { readonly ok: false; readonly trouble: Trouble };

/** Nothing but the box itself answers in less; a camera test may take its 15 s. */
const ANSWER_WITHIN_MS = 30_000;

/** RFC 9457 section 3. */
const PROBLEM_TYPE = 'application/problem+json';

/** What a problem's `type` begins with; the kind follows. */
const PROBLEM_URN = 'urn:doorkeep:problem:';

/** How a call is made. */
export interface CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as they are, instead. */
  readonly bytes?: Blob;
  /** Calls it off. */
  readonly signal?: AbortSignal;
  /** Asks for these bytes only, e.g. `bytes=0-0` (RFC 9110 14.2). */
  readonly range?: string;
}

/** One call. The answer is parsed when it is JSON, else left to `response`. */
export async function call<T>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  options: CallOptions = {},
): Promise<Outcome<T>> {
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const signal = options.signal === undefined ? late : AbortSignal.any([options.signal, late]);
  try {
    const response = await fetch(path, {
      method,
      signal,
      credentials: 'same-origin',
      cache: 'no-store',
      headers: {
        ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(options.bytes === undefined ? {} : { 'Content-Type': 'application/octet-stream' }),
        ...(options.range === undefined ? {} : { Range: options.range }),
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.bytes === undefined ? {} : { body: options.bytes }),
    });
    const type = response.headers.get('Content-Type') ?? '';
    if (!response.ok) return { ok: false, trouble: await troubleOf(response, type) };
    const value = (type.includes('json') ? await response.json() : undefined) as T;
    return { ok: true, value, response };
  } catch {
    return { ok: false, trouble: options.signal?.aborted === true ? ABORTED : GONE };
  }
}

const GONE: Trouble = {
  ...{ kind: 'gone', reason: undefined, status: 0 },
  sentence: 'Doorkeep does not answer.',
  hint: 'Is the box on, and is this on the home network? It comes back by itself.',
};

const ABORTED: Trouble = {
  ...{ kind: 'aborted', reason: undefined, status: 0 },
  sentence: 'That was called off.',
  hint: 'Nothing was changed.',
};

/** What to do where the box has nothing better to say. */
export const NO_HINT = 'Try again; if it stays, the log of the box says more.';

async function troubleOf(response: Response, type: string): Promise<Trouble> {
  const { status } = response;
  if (type.includes(PROBLEM_TYPE)) {
    const problem = (await response.json()) as Problem;
    return {
      kind: problem.type.replace(PROBLEM_URN, ''),
      reason: problem.reason,
      sentence: problem.detail,
      hint: problem.hint ?? NO_HINT,
      status,
    };
  }
  return {
    ...{ kind: 'internal', reason: undefined, status },
    sentence: `Doorkeep answered with ${String(status)}, and no words.`,
    hint: 'Load the page again.',
  };
}
