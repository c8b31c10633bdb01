/** The key process. It has no file and no socket; it ends when the server does (docs/design/keys.md). */
import '../egress/guard.ts';
import { Value } from '@sinclair/typebox/value';
import { toAppError } from '../base/errors.ts';
import { KeyHolder } from './key-holder.ts';
import { Asked, type KeyAnswer, type KeyRequest } from './key-messages.ts';

const holder = new KeyHolder();

/** One at a time: argon2id takes 64 MiB, and the holder has one state. */
let turn: Promise<void> = Promise.resolve();

// Ctrl-C reaches the whole group; when to end is for the server to say.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => {
  process.exit(0);
});
process.on('message', (message: unknown) => {
  if (!Value.Check(Asked, message)) {
    // A server that says what no schema knows is not ours: nothing is answered.
    process.exit(1);
  }
  const { id, request } = message;
  turn = turn.then(async () => {
    const answer = await answerOf(request);
    process.send?.({ id, answer });
    wipe(request);
    if (answer.type === 'made') answer.recoveryKey.fill(0);
    if (answer.type === 'file-key') answer.fileKey.fill(0);
    if (answer.type === 'audit-begun') answer.key.fill(0);
    if (answer.type === 'day-keys') for (const secret of answer.secrets) secret?.fill(0);
  });
});

async function answerOf(request: KeyRequest): Promise<KeyAnswer> {
  try {
    return await holder.answer(request);
  } catch (thrown) {
    const { kind, message } = toAppError(thrown);
    const isKnown = kind === 'corrupt' || kind === 'locked' || kind === 'exhausted';
    // What a library says could hold what it was given.
    return {
      type: 'failed',
      kind: isKnown ? kind : 'internal',
      message: isKnown ? message : 'the key process made a mistake',
    };
  }
}

function wipe(request: KeyRequest): void {
  for (const value of Object.values(request)) if (value instanceof Uint8Array) value.fill(0);
}
