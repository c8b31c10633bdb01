/**
 * The hot path: bytes from a camera, walked frame by frame without copying (RFC 7826 14).
 *
 * Media passes as views into the chunk that came from the socket. Only what must be seen in one
 * piece is held back: messages, RTCP packets, and the head of a frame that a chunk boundary cut.
 */
import { AppError } from '../base/errors.ts';
import { MessageReader, type RtspMessage } from './message.ts';
import { isRtcpType, patchSenderReports } from './rtcp.ts';
import type { SenderReport } from './sender-report.ts';

const DOLLAR = 0x24;
/** `$`, channel, length. */
const FRAME_HEAD_BYTES = 4;
/** Frame head and the fixed RTP header (RFC 3550 5.1): tells RTCP from RTP, counts, knows the SSRC. */
const PEEK_BYTES = FRAME_HEAD_BYTES + 12;
/** What a camera's message can begin with: a response, or a request of its own. Five letters, so
 * that garbage is hardly ever taken for text. */
const TEXT_STARTS: ReadonlySet<string> = new Set(
  'RTSP/ OPTIO GET_P SET_P ANNOU REDIR PLAY_ TEARD'.split(' '),
);
const TEXT_PEEK_BYTES = 5;
/** Garbage is searched this far for the next frame: about two large key frames. Beyond that a new
 * connection is the quicker way back. */
export const RESYNC_MAX_BYTES = 512 * 1024;
/** RFC 3550 A.1 MAX_DROPOUT: a larger jump is a sequence that began anew, not a loss. */
const SEQUENCE_DROPOUT_MAX = 3000;

/** Where the path puts what it finds. */
export interface MediaSink {
  /** Media bytes, in order, in whole or cut frames; views into the chunk, good until it returns. */
  media(bytes: Buffer): void;
  /** A message between frames; in order with `media`. */
  message(message: RtspMessage): void;
  /** The NTP time to put into a track's sender report (2^-32 s). */
  senderReport(trackIndex: number, report: SenderReport): bigint;
}

/** Packets of one track, by RTP sequence number. */
export interface TrackCount {
  readonly packets: number;
  /** Sequence numbers that did not come in their place. */
  readonly lost: number;
}

interface Track {
  packets: number;
  lost: number;
  lastSequence: number | undefined;
  ssrc: number | undefined;
}

/** Walks one connection's bytes. Memory: one message, or one RTCP packet (64 KiB). */
export class MediaPath {
  readonly #sink: MediaSink;
  readonly #reader = new MessageReader();
  readonly #trackOfChannel = new Map<number, number>();
  readonly #tracks: Track[] = [];
  /** Bytes of the current frame still to come, and whether they pass or are dropped. */
  #remaining = 0;
  #passing = true;
  /** The beginning of something that cannot be judged yet; `length` of `buffer` are filled. */
  #held: { buffer: Buffer; length: number } | undefined;
  /** Garbage since the last good frame. */
  #resyncBytes = 0;
  #skippedBytes = 0;

  constructor(sink: MediaSink) {
    this.#sink = sink;
  }

  /** Garbage dropped since the start. */
  get skippedBytes(): number {
    return this.#skippedBytes;
  }

  /** By track index. */
  get counts(): readonly TrackCount[] {
    return this.#tracks;
  }

  /** Says which channels carry a track's RTP and RTCP. Frames on other channels are dropped. */
  setChannels(trackIndex: number, channels: readonly number[]): void {
    for (const channel of channels) this.#trackOfChannel.set(channel, trackIndex);
    this.#tracks[trackIndex] = { packets: 0, lost: 0, lastSequence: undefined, ssrc: undefined };
  }

  /** Walks one chunk. Throws `corrupt` or `exhausted`; the connection is then of no further use. */
  feed(chunk: Buffer): void {
    let at = 0;
    // More than once: what turns out to be garbage may end in another beginning.
    while (this.#held !== undefined && at < chunk.length) {
      at = this.#completeHeld(this.#held, chunk, at);
    }
    if (at < chunk.length) this.#walk(chunk, at);
  }

  // Adds what the held beginning lacks, and walks it once it can be judged.
  #completeHeld(held: { buffer: Buffer; length: number }, chunk: Buffer, offset: number): number {
    let at = offset;
    for (;;) {
      const needed = bytesNeeded(held.buffer.subarray(0, held.length), 0);
      if (held.length >= needed) break;
      if (held.buffer.length < needed) {
        const larger = Buffer.allocUnsafe(needed);
        held.buffer.copy(larger, 0, 0, held.length);
        held.buffer = larger;
      }
      const taken = chunk.copy(held.buffer, held.length, at, at + needed - held.length);
      if (taken === 0) return at;
      held.length += taken;
      at += taken;
    }
    this.#held = undefined;
    this.#walk(held.buffer.subarray(0, held.length), 0);
    return at;
  }

  #walk(bytes: Buffer, start: number): void {
    let at = start;
    /** What lies between this and `at` may pass. */
    let passFrom = start;
    const passUpTo = (end: number): void => {
      if (end > passFrom) this.#sink.media(bytes.subarray(passFrom, end));
    };
    while (at < bytes.length) {
      if (this.#remaining > 0) {
        const taken = Math.min(this.#remaining, bytes.length - at);
        this.#remaining -= taken;
        if (!this.#passing) {
          passUpTo(at);
          passFrom = at + taken;
        }
        at += taken;
        continue;
      }
      const idle = this.#reader.idle;
      if (idle && bytes.length - at < bytesNeeded(bytes, at)) {
        passUpTo(at);
        this.#held = { buffer: Buffer.from(bytes.subarray(at)), length: bytes.length - at };
        return;
      }
      if (idle && bytes[at] === DOLLAR && this.#startFrame(bytes, at)) continue;
      passUpTo(at);
      at = !idle || isTextStart(bytes, at) ? this.#text(bytes, at) : this.#skipGarbage(bytes, at);
      passFrom = at;
    }
    passUpTo(at);
  }

  // Judges the frame at `at`; false when it is none, but garbage that looks like one.
  #startFrame(bytes: Buffer, at: number): boolean {
    const length = bytes.readUInt16BE(at + 2);
    const trackIndex = this.#trackOfChannel.get(bytes[at + 1] ?? 0);
    const track = trackIndex === undefined ? undefined : this.#tracks[trackIndex];
    const version = (bytes[at + 4] ?? 0) >> 6;
    // An empty frame has no version; a track that is set up may send one.
    if (length === 0 ? track === undefined : version !== 2) return false;
    if (track !== undefined && trackIndex !== undefined && length >= 4) {
      if (isRtcpType(bytes[at + 5] ?? 0)) {
        const range = { start: at + FRAME_HEAD_BYTES, end: at + FRAME_HEAD_BYTES + length };
        patchSenderReports(bytes, range, (report) => this.#sink.senderReport(trackIndex, report));
      } else if (length >= 12) {
        const ssrc = bytes.readUInt32BE(at + 12);
        // Among garbage, only a packet of the source that was there before is believed.
        if (this.#resyncBytes > 0 && track.ssrc !== undefined && track.ssrc !== ssrc) return false;
        track.ssrc = ssrc;
        count(track, bytes.readUInt16BE(at + 6));
      }
    }
    this.#passing = track !== undefined;
    this.#remaining = FRAME_HEAD_BYTES + length;
    this.#resyncBytes = 0;
    return true;
  }

  #text(bytes: Buffer, at: number): number {
    const end = this.#reader.feed(bytes, at);
    const message = this.#reader.take();
    if (message !== undefined) {
      this.#resyncBytes = 0;
      this.#sink.message(message);
    }
    return end;
  }

  // At least one byte, then up to the next that could begin something.
  #skipGarbage(bytes: Buffer, at: number): number {
    let end = at + 1;
    while (end < bytes.length && !couldStart(bytes[end] ?? 0)) end += 1;
    this.#resyncBytes += end - at;
    this.#skippedBytes += end - at;
    if (this.#resyncBytes > RESYNC_MAX_BYTES) {
      throw new AppError('corrupt', 'The camera sent something that makes no sense.', {
        reason: 'corrupt',
        hint: 'Doorkeep connects anew. If this comes back, update or restart the camera.',
      });
    }
    return end;
  }
}

// How many bytes from `at` on must be there before what begins at `at` can be judged.
function bytesNeeded(bytes: Buffer, at: number): number {
  if (bytes[at] !== DOLLAR) return couldStart(bytes[at] ?? 0) ? TEXT_PEEK_BYTES : 1;
  if (bytes.length - at < FRAME_HEAD_BYTES) return FRAME_HEAD_BYTES;
  const whole = FRAME_HEAD_BYTES + bytes.readUInt16BE(at + 2);
  if (bytes.length - at < FRAME_HEAD_BYTES + 2) return Math.min(whole, PEEK_BYTES);
  return isRtcpType(bytes[at + 5] ?? 0) ? whole : Math.min(whole, PEEK_BYTES);
}

function couldStart(byte: number): boolean {
  return byte === DOLLAR || (byte >= 0x41 && byte <= 0x54);
}

function isTextStart(bytes: Buffer, at: number): boolean {
  return TEXT_STARTS.has(bytes.toString('latin1', at, at + TEXT_PEEK_BYTES));
}

function count(track: Track, sequence: number): void {
  track.packets += 1;
  if (track.lastSequence !== undefined) {
    const ahead = (sequence - track.lastSequence) & 0xffff;
    // 0 and the upper half are repeats and late packets: they fill no gap that was counted twice.
    if (ahead > 1 && ahead <= SEQUENCE_DROPOUT_MAX) track.lost += ahead - 1;
    if (ahead === 0 || (ahead > 0x8000 && ahead > 0xffff - SEQUENCE_DROPOUT_MAX)) return;
  }
  track.lastSequence = sequence;
}
