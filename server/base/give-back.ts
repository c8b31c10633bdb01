/**
 * Memory outside V8's heap, given back at once. Each cipher call answers a new buffer, and V8 collects
 * all garbage for every 64 MB of such memory: with a few cameras that costs more than the cipher.
 */
import { MessageChannel } from 'node:worker_threads';

/** What is smaller may share memory with others, and is not worth it. */
const LEAST_BYTES = 16 * 1024;

/** A port whose other end is closed: what is transferred to it has left this heap and arrives nowhere,
 * so it is freed (https://nodejs.org/api/worker_threads.html#portpostmessagevalue-transferlist). */
const nowhere = openNowhere();

/** Frees a buffer that has its memory to itself; it is empty afterwards. Others are left to V8. The
 * caller is the only one who still knows it. */
export function giveBack(buffer: Buffer): void {
  const { buffer: memory } = buffer;
  if (!(memory instanceof ArrayBuffer)) return;
  if (buffer.length < LEAST_BYTES || memory.byteLength !== buffer.length) return;
  nowhere.postMessage(undefined, [memory]);
}

function openNowhere(): MessageChannel['port1'] {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  port1.unref();
  return port1;
}
