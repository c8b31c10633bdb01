import { describe, expect, it } from 'vitest';
import { isRtcpType, patchSenderReports } from '../../../server/rtsp/rtcp.ts';
import type { SenderReport } from '../../../server/rtsp/sender-report.ts';

function senderReport(ssrc: number, ntp: bigint, rtp: number): Buffer {
  const packet = Buffer.alloc(28);
  packet.writeUInt32BE(0x80c8_0006, 0);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeBigUInt64BE(ntp, 8);
  packet.writeUInt32BE(rtp, 16);
  return packet;
}

const SDES = Buffer.from('81ca000300000001' + '010a676172666965', 'hex');

function patch(bytes: Buffer): SenderReport[] {
  const seen: SenderReport[] = [];
  patchSenderReports(bytes, { start: 0, end: bytes.length }, (report) => {
    seen.push(report);
    return 0x1111_1111_2222_2222n;
  });
  return seen;
}

describe('patchSenderReports', () => {
  it('replaces the NTP time of each report in a compound packet and nothing else', () => {
    const first = senderReport(7, 0xaaaa_bbbb_cccc_ddddn, 90_000);
    const packet = Buffer.concat([first, SDES, senderReport(8, 5n, 6)]);
    const before = Buffer.from(packet);
    expect(patch(packet)).toEqual([
      { ssrc: 7, ntpSeconds: 0xaaaa_bbbb, ntpFraction: 0xcccc_dddd, rtpTimestamp: 90_000 },
      { ssrc: 8, ntpSeconds: 0, ntpFraction: 5, rtpTimestamp: 6 },
    ]);
    expect(packet.readBigUInt64BE(8)).toBe(0x1111_1111_2222_2222n);
    const changed = [...packet.keys()].filter((at) => packet[at] !== before[at]);
    const second = 28 + SDES.length;
    const within = (at: number): boolean =>
      (at >= 8 && at < 16) || (at >= second + 8 && at < second + 16);
    expect(changed.every(within)).toBe(true);
  });

  it('finds a report whose length runs past the end, as ffmpeg does', () => {
    const packet = senderReport(7, 1n, 2).subarray(0, 20);
    packet.writeUInt16BE(0xffff, 2);
    expect(patch(packet)).toHaveLength(1);
  });

  it('leaves packets that are too short alone', () => {
    expect(patch(senderReport(7, 1n, 2).subarray(0, 19))).toEqual([]);
    expect(patch(Buffer.from('80c8', 'hex'))).toEqual([]);
    expect(patch(Buffer.alloc(0))).toEqual([]);
  });
});

describe('isRtcpType', () => {
  it('is what ffmpeg takes for RTCP', () => {
    expect([192, 195, 200, 201, 210].every(isRtcpType)).toBe(true);
    expect([0, 96, 191, 196, 199, 211, 224].some(isRtcpType)).toBe(false);
  });
});
