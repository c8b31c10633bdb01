/** What happened, what it means, what to do (experience, rule 8): every sentence of server and page. */
import { describe, expect, it } from 'vitest';
import {
  ERROR_TABLE,
  FASTIFY_FAULTS,
  METHOD_NOT_ALLOWED,
  NOT_HTTP,
  PARSER_FAULTS,
  RANGE_NOT_SATISFIABLE,
  UPGRADE_REQUIRED,
} from '../../../server/api/error-table.ts';
import { problemOf, problemOfFault } from '../../../server/api/problem.ts';
import { AppError, type ErrorKind } from '../../../server/base/errors.ts';
import { REASON_TEXTS, reasonSentence } from '../../../server/camera/reason-text.ts';
import type { Problem } from '../../../server/contract/problem.ts';
import { NO_HINT } from '../../../web/api/call.ts';
import { wordsIn } from '../../fixtures/page-sentences.ts';
import { faultsOf } from '../../fixtures/page-words.ts';
import { shownSentences, type ThrownSentence } from '../../fixtures/server-sentences.ts';
import { codeBelow } from '../../repo/tree.ts';

/** As the page shows a problem. */
function faultsOfProblem({ detail, hint }: Problem): string[] {
  return faultsOf({ first: detail, rest: hint ?? NO_HINT });
}

/** Said in a terminal: before there is a page, after "Doorkeep did not start: "; and by the command
 * line, after its own name or that of a file. */
const IN_A_TERMINAL = [
  ...['server/cli/', 'server/release/'],
  ...['server/auth/token-file.ts', 'server/base/private-file.ts', 'server/keys/', 'server/main.ts'],
  ...['server/certificates/', 'server/storage/data-folder.ts', 'server/storage/database.ts'],
  'server/storage/open-database.ts',
  'server/api/front-door.ts',
];

/** Caught by their neighbours, who say it in words for people or count it. */
const BETWEEN_OURSELVES = ['server/fmp4/part.ts', 'server/ingest/hub.ts', 'server/rtsp/message.ts'];

/** Whoever called something off reads no answer. */
const ANSWERED_TO_NOBODY: ErrorKind = 'cancelled';

const isTold = ({ place, kind }: ThrownSentence): boolean =>
  kind !== ANSWERED_TO_NOBODY &&
  ![...IN_A_TERMINAL, ...BETWEEN_OURSELVES].some((path) => place.startsWith(path));

describe('the server’s sentences', () => {
  const all = shownSentences();

  it('are found in its source', () => {
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter(isTold).length).toBeGreaterThan(80);
  });

  it('say what happened in few plain words, and what to do', () => {
    const wrong = all
      .filter(isTold)
      .map(({ place, sentence, hint }) => ({
        place,
        faults: faultsOf({ first: sentence, rest: hint ?? NO_HINT }),
      }))
      .filter(({ faults }) => faults.length > 0);
    expect(wrong).toEqual([]);
  });

  it('stand for every kind of error that is shown', () => {
    const thrown = new Set(all.map(({ kind }) => kind));
    const kinds = Object.keys(ERROR_TABLE) as ErrorKind[];
    const unsaid = kinds.filter((kind) => ERROR_TABLE[kind].shown && !thrown.has(kind));
    expect(unsaid).toEqual([]);
  });

  it('are kept out of the way for every exception that is named here', () => {
    const named = [...IN_A_TERMINAL, ...BETWEEN_OURSELVES];
    expect(named.filter((path) => !all.some(({ place }) => place.startsWith(path)))).toEqual([]);
  });
});

describe('errors that hide what they know', () => {
  const kinds = Object.keys(ERROR_TABLE) as ErrorKind[];

  it.each(kinds.filter((kind) => !ERROR_TABLE[kind].shown))('%s', (kind) => {
    const problem = problemOf(new AppError(kind, 'SQLITE_IOERR at /data/doorkeep.db'));
    expect(faultsOfProblem(problem)).toEqual([]);
    expect(JSON.stringify(problem)).not.toContain('SQLITE');
  });
});

describe('the HTTP layer', () => {
  const faults = [
    ...FASTIFY_FAULTS.values(),
    ...PARSER_FAULTS.values(),
    ...[METHOD_NOT_ALLOWED, RANGE_NOT_SATISFIABLE, NOT_HTTP, UPGRADE_REQUIRED],
  ];

  it.each(faults.map((fault) => [fault.slug, fault] as const))('%s', (_slug, fault) => {
    expect(faultsOfProblem(problemOfFault(fault))).toEqual([]);
  });
});

describe('a camera that does not deliver', () => {
  const reasons = Object.keys(REASON_TEXTS) as (keyof typeof REASON_TEXTS)[];

  // 64 characters is the longest name that the contract takes.
  it.each(['Front door', 'The one above the old gate behind the shed, '.padEnd(64, 'x')])(
    'has words for every reason: %s',
    (name) => {
      const wrong = reasons.flatMap((reason) =>
        faultsOf({ first: reasonSentence(reason, name), rest: REASON_TEXTS[reason].hint }),
      );
      expect(wrong).toEqual([]);
    },
  );
});

describe('the page itself', () => {
  const spoken = codeBelow('web')
    .filter((path) => /\.tsx?$/.test(path))
    .flatMap(wordsIn);

  it('says what happened in few plain words: every first line', () => {
    const firsts = spoken.filter(({ first }) => first !== undefined);
    expect(firsts.length).toBeGreaterThan(40);
    const wrong = firsts.map(({ place, first = '', hint }) => ({
      place,
      faults: faultsOf({ first, rest: hint ?? 'It is said beside it.' }),
    }));
    expect(wrong.filter(({ faults }) => faults.length > 0)).toEqual([]);
  });

  it('says what to do, too, wherever it tells of a trouble', () => {
    const troubles = spoken.filter(({ isTrouble }) => isTrouble);
    expect(troubles.length).toBeGreaterThan(10);
    const wrong = troubles.map(({ place, first = '', hint = '' }) => ({
      place,
      faults: faultsOf({ first, rest: hint }),
    }));
    expect(wrong.filter(({ faults }) => faults.length > 0)).toEqual([]);
  });
});
