/** RTCP packets, patched in place (RFC 3550 6). Pure. */
import type { SenderReport } from './sender-report.ts';

const SENDER_REPORT = 200;
/** Header, SSRC, NTP time, RTP time: as far as ffmpeg reads a sender report. */
const SENDER_REPORT_MIN_BYTES = 20;

/**
 * True for the second byte of a packet that ffmpeg reads as RTCP. It goes by the payload type and
 * never by the channel, so a camera could send reports beside the RTCP channel: so do we
 * (RFC 5761 4).
 */
export function isRtcpType(byte: number): boolean {
  return (byte >= 192 && byte <= 195) || (byte >= 200 && byte <= 210);
}

/**
 * Replaces the NTP time of every sender report in the compound packet at `bytes[start, end)`.
 * Packets are delimited as ffmpeg does it, lengths beyond the end included, so that no report it
 * would find is missed.
 */
export function patchSenderReports(
  bytes: Buffer,
  range: { start: number; end: number },
  rewrite: (report: SenderReport) => bigint,
): void {
  for (const { at, end } of packets(bytes, range)) {
    if (bytes[at + 1] !== SENDER_REPORT || end - at < SENDER_REPORT_MIN_BYTES) continue;
    const ntp = rewrite({
      ssrc: bytes.readUInt32BE(at + 4),
      ntpSeconds: bytes.readUInt32BE(at + 8),
      ntpFraction: bytes.readUInt32BE(at + 12),
      rtpTimestamp: bytes.readUInt32BE(at + 16),
    });
    bytes.writeBigUInt64BE(ntp, at + 8);
  }
}

function* packets(
  bytes: Buffer,
  { start, end }: { start: number; end: number },
): Generator<{ at: number; end: number }> {
  let at = start;
  while (end - at >= 4) {
    const next = Math.min(end, at + (bytes.readUInt16BE(at + 2) + 1) * 4);
    yield { at, end: next };
    at = next;
  }
}
