/**
 * Foreign bytes into every parser of server/rtsp: each ends, in bounds, with an AppError at worst.
 * Fixed seed; FUZZ_SEED and FUZZ_ROUNDS for longer runs by hand.
 */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../server/base/errors.ts';
import { parseCameraUrl } from '../../server/rtsp/camera-url.ts';
import { parseChallenges } from '../../server/rtsp/digest.ts';
import { MediaPath } from '../../server/rtsp/media-path.ts';
import { type InterleavedFrame, type RtspMessage, RtspParser } from '../../server/rtsp/message.ts';
import { parseSdp } from '../../server/rtsp/sdp.ts';
import { randomFrom } from '../fixtures/random-from.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 1_500);

const SDP =
  'v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=0\r\n' +
  'm=audio 0 RTP/AVP 0\r\na=sendonly\r\na=control:rtsp://cam/a?b\r\n';

function rtpFrame(channel: number, size: number): Buffer {
  const frame = Buffer.alloc(16 + size, 0x5a);
  frame.writeUInt32BE(0x2400_0000 | (channel << 16) | (12 + size), 0);
  frame.writeUInt32BE(0x8060_0001, 4);
  return frame;
}

const SEEDS: readonly Buffer[] = [
  Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\nabcd'),
  Buffer.from('OPTIONS rtsp://cam/a RTSP/1.0\r\nCSeq: 1\r\n\r\n'),
  Buffer.from(`RTSP/1.0 200 OK\r\nContent-Length: ${String(SDP.length)}\r\n\r\n${SDP}`),
  Buffer.concat([rtpFrame(0, 40), rtpFrame(2, 5)]),
  // A compound packet: sender report and source description.
  Buffer.from(
    '2401002c80c80006000000010102030405060708000000000000000000000000' +
      '81ca00030000000101036361' +
      '6d000000',
    'hex',
  ),
  Buffer.from('$\0\0\0\r\n\r\n$\x01'),
];

/** One to four seeds in a row, then some bytes changed, left out or doubled. */
function mutated(random: (below: number) => number): Buffer {
  const parts = Array.from(
    { length: 1 + random(4) },
    () => SEEDS[random(SEEDS.length)] ?? Buffer.alloc(0),
  );
  let bytes = Buffer.concat(parts);
  for (let change = random(6); change > 0; change -= 1) {
    const at = random(bytes.length);
    const kind = random(3);
    if (kind === 0) bytes[at] = random(256);
    else if (kind === 1)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))]);
    else
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - random(20)))]);
    if (bytes.length === 0) bytes = Buffer.from('$');
  }
  return bytes;
}

function split(bytes: Buffer, random: (below: number) => number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + random(30);
    chunks.push(Buffer.from(bytes.subarray(at, end)));
    at = end;
  }
  return chunks;
}

/** A message or frame as one line, for comparison. */
function textOf(item: RtspMessage | InterleavedFrame): string {
  if (item.kind === 'frame') return `frame ${String(item.channel)} ${item.payload.toString('hex')}`;
  const start = item.kind === 'request' ? `${item.method} ${item.uri}` : String(item.status);
  return `${start} ${JSON.stringify([...item.headers])} ${item.body.toString('hex')}`;
}

/** What `work` came to: its result, or the kind of its AppError; anything else thrown fails. */
function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return `${thrown.kind}: ${thrown.message}`;
  }
}

function walk(chunks: readonly Buffer[]): unknown {
  const media: Buffer[] = [];
  const messages: unknown[] = [];
  const path = new MediaPath({
    media: (bytes) => media.push(Buffer.from(bytes)),
    message: (message) => messages.push(textOf(message)),
    senderReport: (_, { rtpTimestamp }) => BigInt(rtpTimestamp) + 1n,
  });
  path.setChannels(0, [0, 1]);
  path.setChannels(1, [2, 3]);
  const end = outcome(() => {
    for (const chunk of chunks) path.feed(chunk);
    return 'read';
  });
  const passed = Buffer.concat(media).toString('hex');
  return JSON.stringify({ end, messages, passed, counts: path.counts }, undefined, 1);
}

describe('foreign bytes', () => {
  it('mean the same to the message parser however they are split', () => {
    const random = randomFrom(SEED);
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = mutated(random);
      const read = (chunks: readonly Buffer[]): unknown => {
        const parser = new RtspParser();
        const items: string[] = [];
        const end = outcome(() => {
          for (const chunk of chunks) items.push(...parser.push(chunk).map(textOf));
          return 'read';
        });
        // A message that came before the one that broke is only seen when the split falls between.
        return end === 'read' ? items.join('\n') : end;
      };
      expect(read(split(bytes, random))).toBe(read([bytes]));
    }
  });

  it('mean the same to the media path however they are split', () => {
    const random = randomFrom(SEED + 1);
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = mutated(random);
      expect(walk(split(bytes, random))).toBe(walk([Buffer.from(bytes)]));
    }
  });

  it('never make the pure parsers throw anything but an AppError', () => {
    const random = randomFrom(SEED + 2);
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = mutated(random);
      const text = bytes.toString('latin1');
      outcome(() => parseSdp(text, 'rtsp://cam/a'));
      outcome(() => parseSdp(text.slice(text.indexOf('v=')), 'rtsp://cam/a'));
      outcome(() => parseCameraUrl(text));
      outcome(() => parseCameraUrl(`rtsp://${text.slice(random(text.length))}`));
      expect(parseChallenges([text]).length).toBeLessThanOrEqual(8);
    }
  });

  it('cost challenge and address parsing no more than linear time', () => {
    const hostile = [
      'Digest '.repeat(10_000),
      `Digest realm="${'\\'.repeat(60_000)}`,
      `Digest ${'a='.repeat(30_000)}`,
      `${' '.repeat(60_000)}=`,
      `Digest a="${'b'.repeat(60_000)}`,
    ];
    for (const text of hostile) expect(parseChallenges([text]).length).toBeLessThanOrEqual(8);
  });
});
