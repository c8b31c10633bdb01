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
  return bytesOf(digestOf(previous, entry));
}

/** Whether it is the hash of this entry. */
export function isEntryHash(hashed: Buffer, previous: Buffer, entry: AuditFacts): boolean {
  return hashed.toString('binary') === digestOf(previous, entry);
}

/** As text, a character a byte: a buffer that is made for it costs more than the hash. */
function digestOf(previous: Buffer, entry: AuditFacts): string {
  const { sequence, atMs, kind, userId = null, who } = entry;
  const { cameraId = null, objectId = null, noteJson = null, details } = entry;
  const facts = [VERSION, sequence, atMs, kind, userId, who, cameraId, objectId, noteJson];
  const sealed = details === undefined ? NO_DETAILS : bytesOf(hash('sha256', details, 'binary'));
  const covered = Buffer.concat([previous, sealed, Buffer.from(JSON.stringify(facts))]);
  return hash('sha256', covered, 'binary');
}

function bytesOf(digest: string): Buffer {
  return Buffer.from(digest, 'binary');
}
