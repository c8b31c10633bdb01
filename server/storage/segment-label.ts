/**
 * What binds a segment to its place: a `uuid` box behind `ftyp` and `moov`, inside the sealed part. A
 * file that was put into another one's place is noticed, and an index that was lost can be made
 * again. Players pass over boxes they do not know (ISO/IEC 14496-12 4.2).
 */
import { AppError } from '../base/errors.ts';
import { epochMs, type EpochMs } from '../base/time.ts';
import { type BoxHeader, readBoxHeader } from '../fmp4/box.ts';
import { box, u32, u64 } from '../fmp4/box-writer.ts';
import type { SegmentPlace } from './segments.ts';

/** What it says. */
export interface SegmentLabel extends SegmentPlace {
  /** Wall clock at media time zero of the run. */
  readonly anchorMs: EpochMs;
  /** Wall clock of the segment's first frame. */
  readonly startMs: EpochMs;
}

/** Ours: random (RFC 9562 5.4), so that no other box has it. */
const EXTENDED_TYPE = Buffer.from('6f2a1c9be4c34d5f9a81d00a4be77e51', 'hex');
const VERSION = 1;
const CAMERA_ID_BYTES = 8;

/** Box header, extended type, version, camera, run, sequence, anchor, start. */
const LABEL_BYTES = 8 + 16 + 4 + CAMERA_ID_BYTES + 8 + 4 + 8 + 8;

/** `ftyp` and `moov` of ours are 1.5 kB; a camera's parameter sets are limited to 64 kB each. */
const INIT_MAX_BYTES = 1024 * 1024;

/** `ftyp`, `moov`, `uuid`. */
const BOXES_BEFORE_MEDIA = 3;
const BOX_HEADER_BYTES = 16;

/** The box. */
export function segmentLabel(label: SegmentLabel): Buffer {
  const cameraId = Buffer.from(label.cameraId, 'hex');
  if (cameraId.length !== CAMERA_ID_BYTES) throw new AppError('internal', 'a camera id of no kind');
  const runAndOn = [u64(label.runId), u32(label.sequence), i64(label.anchorMs), i64(label.startMs)];
  return box('uuid', EXTENDED_TYPE, u32(VERSION), cameraId, ...runAndOn);
}

/** Finds and reads the label; `corrupt` when there is none. `read` fills a buffer with the segment's
 * plaintext from an offset on. */
export async function readSegmentLabel(
  read: (target: Buffer, offsetBytes: number) => Promise<void>,
): Promise<SegmentLabel> {
  const head = Buffer.alloc(BOX_HEADER_BYTES);
  let at = 0;
  for (let boxes = 0; boxes < BOXES_BEFORE_MEDIA && at < INIT_MAX_BYTES; boxes += 1) {
    await read(head, at);
    const header = headerOf(head);
    if (header === undefined) break;
    if (header.type === 'uuid' && header.sizeBytes === LABEL_BYTES) {
      const label = Buffer.alloc(LABEL_BYTES);
      await read(label, at);
      return decode(label);
    }
    at += header.sizeBytes;
  }
  throw noLabel();
}

/** `corrupt` when `label` names another place than the one where it was found. */
export function checkLabel(label: SegmentLabel, place: SegmentPlace): void {
  const isSame =
    label.cameraId === place.cameraId &&
    label.runId === place.runId &&
    label.sequence === place.sequence;
  if (isSame) return;
  throw new AppError('corrupt', 'a footage file lies in the place of another one', {
    reason: 'segment-exchanged',
    hint: 'Somebody moved files in the footage folder. Put them back from a copy.',
  });
}

function headerOf(head: Buffer): BoxHeader | undefined {
  try {
    return readBoxHeader(head, 0);
  } catch (thrown) {
    throw noLabel(thrown);
  }
}

function decode(bytes: Buffer): SegmentLabel {
  let at = 8;
  const take = (length: number): Buffer => bytes.subarray(at, (at += length));
  if (!take(16).equals(EXTENDED_TYPE) || take(4).readUInt32BE(0) !== VERSION) throw noLabel();
  return {
    cameraId: take(CAMERA_ID_BYTES).toString('hex'),
    runId: Number(take(8).readBigUInt64BE(0)),
    sequence: take(4).readUInt32BE(0),
    anchorMs: epochMs(Number(take(8).readBigInt64BE(0))),
    startMs: epochMs(Number(take(8).readBigInt64BE(0))),
  };
}

/** Signed: a box whose clock begins in 1970 has times before that. */
function i64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function noLabel(cause?: unknown): AppError {
  return new AppError('corrupt', 'a footage file does not say where it belongs', {
    reason: 'segment-exchanged',
    ...(cause === undefined ? {} : { cause }),
  });
}
