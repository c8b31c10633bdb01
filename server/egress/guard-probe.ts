/** Tries the guard of this process with a connection that no door announced, to an address that nobody has. */
import { connect } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { PROBE_ADDRESSES, PROBE_PORT } from './probe-addresses.ts';

/** The guard answers in the same turn; who has not by then is not there. */
const ANSWER_MS = 1_000;

/** Whether it was stopped inside the program. */
export function probeGuard(clock: Clock): Promise<'refused' | 'left'> {
  return new Promise((resolve) => {
    const socket = connect({ host: PROBE_ADDRESSES.v4, port: PROBE_PORT });
    const answer = (found: 'refused' | 'left'): void => {
      timer.cancel();
      socket.destroy();
      resolve(found);
    };
    const timer = clock.setTimer(ANSWER_MS, () => {
      answer('left');
    });
    socket.on('error', (error) => {
      answer(error instanceof AppError && error.reason === 'not-announced' ? 'refused' : 'left');
    });
  });
}
