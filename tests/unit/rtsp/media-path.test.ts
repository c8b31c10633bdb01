import { describe, expect, it } from 'vitest';
import { MediaPath, RESYNC_MAX_BYTES } from '../../../server/rtsp/media-path.ts';
import type { RtspMessage } from '../../../server/rtsp/message.ts';

const NTP = 0x0102_0304_0506_0708n;

function frame(channel: number, payload: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([0x24, channel, payload.length >> 8, payload.length & 255]),
    payload,
  ]);
}

function rtp(
  channel: number,
  sequence: number,
  options: { ssrc?: number; size?: number } = {},
): Buffer {
  const packet = Buffer.alloc(12 + (options.size ?? 100), sequence & 0x7f);
  packet[0] = 0x80;
  packet[1] = 96;
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(options.ssrc ?? 0xcafe, 8);
  return frame(channel, packet);
}

function report(channel: number, ntp: bigint): Buffer {
  const packet = Buffer.alloc(28);
  packet.writeUInt32BE(0x80c8_0006, 0);
  packet.writeUInt32BE(0xcafe, 4);
  packet.writeBigUInt64BE(ntp, 8);
  return frame(channel, packet);
}

const ANSWER = Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 9\r\nContent-Length: 2\r\n\r\n$$');

interface Result {
  media: Buffer;
  messages: RtspMessage[];
  path: MediaPath;
}

function walk(chunks: readonly Buffer[]): Result {
  const media: Buffer[] = [];
  const messages: RtspMessage[] = [];
  const path = new MediaPath({
    media: (bytes) => media.push(Buffer.from(bytes)),
    message: (message) => {
      messages.push(message);
    },
    senderReport: () => NTP,
  });
  path.setChannels(0, [0, 1]);
  path.setChannels(1, [2, 3]);
  // Copies, because reports are patched in place.
  for (const chunk of chunks) path.feed(Buffer.from(chunk));
  return { media: Buffer.concat(media), messages, path };
}

describe('MediaPath', () => {
  it('passes media unchanged but for the clock of sender reports', () => {
    const { media, messages } = walk([
      Buffer.concat([rtp(0, 1), report(1, 77n), rtp(2, 5), frame(0, Buffer.alloc(0)), rtp(0, 2)]),
    ]);
    expect(media).toEqual(
      Buffer.concat([rtp(0, 1), report(1, NTP), rtp(2, 5), frame(0, Buffer.alloc(0)), rtp(0, 2)]),
    );
    expect(messages).toEqual([]);
  });

  it('finds the same at every split, reports and messages included', () => {
    const input = Buffer.concat([
      rtp(0, 1),
      ANSWER,
      report(1, 5n),
      rtp(2, 9),
      rtp(9, 1),
      ANSWER,
      rtp(0, 2),
    ]);
    const whole = walk([input]);
    expect(whole.messages).toHaveLength(2);
    expect(whole.media).toEqual(Buffer.concat([rtp(0, 1), report(1, NTP), rtp(2, 9), rtp(0, 2)]));
    for (let at = 0; at <= input.length; at += 1) {
      const split = walk([input.subarray(0, at), input.subarray(at)]);
      expect(split.media).toEqual(whole.media);
      expect(split.messages).toEqual(whole.messages);
    }
    const bytes = [...input].map((byte) => Buffer.from([byte]));
    expect(walk(bytes).media).toEqual(whole.media);
  });

  it('patches a report that came on the channel of media, where ffmpeg would read it too', () => {
    expect(walk([report(0, 5n)]).media).toEqual(report(0, NTP));
  });

  it('hands messages over between the frames around them', () => {
    const order: string[] = [];
    const path = new MediaPath({
      media: (bytes) => order.push(`media ${String(bytes.length)}`),
      message: () => order.push('message'),
      senderReport: () => NTP,
    });
    path.setChannels(0, [0, 1]);
    path.feed(Buffer.concat([rtp(0, 1, { size: 0 }), ANSWER, rtp(0, 2, { size: 4 })]));
    expect(order).toEqual(['media 16', 'message', 'media 20']);
  });

  it('drops frames of channels that nobody set up', () => {
    expect(walk([Buffer.concat([rtp(8, 1), rtp(0, 1), rtp(9, 2)])]).media).toEqual(rtp(0, 1));
  });

  it('counts packets and sequence gaps, over the wrap, and not late ones', () => {
    const sequences = [65_533, 65_534, 1, 2, 0, 2, 6, 40_000, 40_001];
    const { path } = walk([Buffer.concat(sequences.map((sequence) => rtp(0, sequence)))]);
    // 65535 and 0 between 65534 and 1; 3, 4, 5 before 6; the jump to 40000 is a new beginning.
    expect(path.counts[0]).toMatchObject({ packets: 9, lost: 5 });
    expect(path.counts[1]).toMatchObject({ packets: 0, lost: 0 });
  });

  it('finds the next packet behind garbage, also garbage that looks like frames', () => {
    const garbage = Buffer.concat([
      Buffer.from('RTXX OPTTEARS\r\n$'),
      // A frame by its looks, of a source that was never there.
      rtp(0, 99, { ssrc: 0xdead_beef, size: 3 }),
      Buffer.from([0x24, 0, 0xff, 0xff, 0x00]),
      Buffer.alloc(10_000, 0x24),
    ]);
    const { media, path } = walk([Buffer.concat([rtp(0, 1), garbage, rtp(0, 2), rtp(0, 3)])]);
    expect(media).toEqual(Buffer.concat([rtp(0, 1), rtp(0, 2), rtp(0, 3)]));
    expect(path.skippedBytes).toBe(garbage.length);
    expect(path.counts[0]).toMatchObject({ packets: 3, lost: 0 });
  });

  it('gives up behind its stated bound of garbage', () => {
    const garbage = Buffer.alloc(64 * 1024, 0xff);
    const chunks = new Array<Buffer>(RESYNC_MAX_BYTES / garbage.length).fill(garbage);
    expect(walk([rtp(0, 1), ...chunks, rtp(0, 2)]).path.counts[0]?.packets).toBe(2);
    expect(() => walk([rtp(0, 1), ...chunks, Buffer.from([0xff]), rtp(0, 2)])).toThrow(
      expect.objectContaining({ kind: 'corrupt', reason: 'corrupt' }),
    );
  });
});
