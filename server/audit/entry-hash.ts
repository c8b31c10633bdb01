/** What the hash of an entry covers: all of it, and the entry before it. Pure. */
import { hash } from 'node:crypto';
import { AUDIT_BYTES } from '../keys/audit-key.ts';
import type { AuditFacts } from '../storage/audit-entries.ts';

/** Raised when other things are hashed. */
const VERSION = 1;

/** What stands before the first entry. */
export const NOTHING_BEFORE = Buffer.alloc(AUDIT_BYTES);

/** Of entries without details. */
const NO_DETAILS = Buffer.alloc(AUDIT_BYTES);

/** Details count by the hash of their sealed form: it stays what it is when nobody can open them any
 * more. JSON writes no two entries alike. */
export function entryHash(previous: Buffer, entry: AuditFacts): Buffer {
  const { sequence, atMs, kind, userId, who, cameraId, objectId, noteJson, details } = entry;
  const text = JSON.stringify([
    ...[VERSION, sequence, atMs, kind, userId ?? null, who],
    ...[cameraId ?? null, objectId ?? null, noteJson ?? null],
  ]);
  const sealed = details === undefined ? NO_DETAILS : hash('sha256', details, 'buffer');
  return hash('sha256', Buffer.concat([previous, sealed, Buffer.from(text)]), 'buffer');
}
