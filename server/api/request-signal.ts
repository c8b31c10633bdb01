/** Work for a request that ends when the client leaves or the time is over. */
import type { FastifyReply } from 'fastify';
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';

/** How long, and what is said afterwards. */
export interface Deadline {
  readonly clock: Clock;
  readonly limitMs: number;
  /** Made when the time is over; becomes the signal's reason. */
  readonly late: () => AppError;
}

/** Runs `work` with a signal that aborts when the connection closes or `deadline` passes. */
export async function withDeadline<T>(
  reply: FastifyReply,
  deadline: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = deadline.clock.setTimer(deadline.limitMs, () => {
    controller.abort(deadline.late());
  });
  // The response, not the request: an IncomingMessage closes as soon as its body is read.
  const onClose = (): void => {
    controller.abort(new AppError('cancelled', 'the client went away'));
  };
  reply.raw.once('close', onClose);
  try {
    return await work(controller.signal);
  } finally {
    timer.cancel();
    reply.raw.off('close', onClose);
  }
}
