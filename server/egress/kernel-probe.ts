/**
 * Tries whether the kernel lets a packet out that no layer below the program should let out: one empty datagram to
 * an address that nobody has, with one hop to live. Where it is not refused it reaches the router, and ends there.
 */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { errnoCode } from '../base/errors.ts';
import { permitProbe } from './permits.ts';
import { PROBE_ADDRESSES, PROBE_PORT } from './probe-addresses.ts';

/** `refused`: by the kernel. `left`: it was sent. `no-way`: the machine has no route there. */
export const PROBE_ANSWERS = ['refused', 'left', 'no-way'] as const;

/** See `PROBE_ANSWERS`. */
export type ProbeAnswer = (typeof PROBE_ANSWERS)[number];

/** One for each family. */
export interface ProbeAnswers {
  readonly v4: ProbeAnswer;
  readonly v6: ProbeAnswer;
}

/** The kernel answers at once; who has not by then has refused nothing. */
const ANSWER_MS = 2_000;

/** What a filter of a control group, nftables, or a security module answers (send(2)). */
const REFUSED = new Set(['EPERM', 'EACCES']);

/** Tries both families. */
export async function probeKernel(clock: Clock): Promise<ProbeAnswers> {
  const [v4, v6] = await Promise.all([
    probe(PROBE_ADDRESSES.v4, clock),
    probe(PROBE_ADDRESSES.v6, clock),
  ]);
  return { v4, v6 };
}

function probe(address: string, clock: Clock): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const socket = createSocket({
      type: isIPv6(address) ? 'udp6' : 'udp4',
      // Addresses as they are, its own and the other: nothing is looked up.
      lookup: (literal, _options, found) => {
        found(null, literal, isIPv6(literal) ? 6 : 4);
      },
    });
    permitProbe(socket);
    const answer = (found: ProbeAnswer): void => {
      timer.cancel();
      socket.close();
      resolve(found);
    };
    const timer = clock.setTimer(ANSWER_MS, () => {
      answer('left');
    });
    socket.once('error', (error) => {
      answer(REFUSED.has(errnoCode(error) ?? '') ? 'refused' : 'no-way');
    });
    socket.once('listening', () => {
      socket.setTTL(1);
    });
    socket.send('', PROBE_PORT, address, (error) => {
      if (error === null) answer('left');
      else answer(REFUSED.has(errnoCode(error) ?? '') ? 'refused' : 'no-way');
    });
  });
}
