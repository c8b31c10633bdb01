/** RTP payloads of frames, and the packets around them. Pure. */

/** With RTP, interleaving and TCP headers this stays below an Ethernet frame, as cameras do it. */
const PAYLOAD_MAX_BYTES = 1400;

/** Payloads of one H.264 access unit: STAP-A for the small units at its front, FU-A for large ones
 * (RFC 6184 5.7.1, 5.8). */
export function packetiseH264(nals: readonly Buffer[]): Buffer[] {
  return packetise(nals, {
    headerBytes: 1,
    // Type 24; the highest NRI of what it holds, here always 3.
    aggregationHead: Buffer.from([0x78]),
    fragmentHead: (nal, position) => {
      const first = nal[0] ?? 0;
      return Buffer.from([(first & 0xe0) | 28, position | (first & 0x1f)]);
    },
  });
}

/** Payloads of one H.265 access unit: aggregation packets and fragmentation units (RFC 7798 4.4.2,
 * 4.4.3). */
export function packetiseH265(nals: readonly Buffer[]): Buffer[] {
  return packetise(nals, {
    headerBytes: 2,
    aggregationHead: Buffer.from([48 << 1, 1]),
    fragmentHead: (nal, position) => {
      const [first = 0, second = 1] = nal;
      return Buffer.from([(first & 0x81) | (49 << 1), second, position | ((first >> 1) & 0x3f)]);
    },
  });
}

/** One AAC access unit in mode AAC-hbr: 13 bits of size, 3 of index (RFC 3640 3.3.6). */
export function packetiseAac(data: Buffer): Buffer[] {
  return [Buffer.concat([Buffer.from([0, 16, data.length >> 5, (data.length & 0x1f) << 3]), data])];
}

interface NalRules {
  headerBytes: number;
  aggregationHead: Buffer;
  fragmentHead: (nal: Buffer, position: number) => Buffer;
}

const START = 0x80;
const END = 0x40;

function packetise(nals: readonly Buffer[], rules: NalRules): Buffer[] {
  const payloads: Buffer[] = [];
  let together: Buffer[] = [];
  let togetherBytes = rules.headerBytes;
  const flush = (): void => {
    const [only] = together;
    if (together.length === 1 && only !== undefined) payloads.push(only);
    else if (together.length > 1) {
      const parts = together.flatMap((nal) => [
        Buffer.from([nal.length >> 8, nal.length & 255]),
        nal,
      ]);
      payloads.push(Buffer.concat([rules.aggregationHead, ...parts]));
    }
    together = [];
    togetherBytes = rules.headerBytes;
  };
  for (const nal of nals) {
    if (togetherBytes + 2 + nal.length > PAYLOAD_MAX_BYTES) flush();
    if (nal.length <= PAYLOAD_MAX_BYTES - 3) {
      together.push(nal);
      togetherBytes += 2 + nal.length;
    } else {
      payloads.push(...fragments(nal, rules));
    }
  }
  flush();
  return payloads;
}

function fragments(nal: Buffer, rules: NalRules): Buffer[] {
  const payloads: Buffer[] = [];
  const size = PAYLOAD_MAX_BYTES - rules.headerBytes - 1;
  for (let at = rules.headerBytes; at < nal.length; at += size) {
    const position = (at === rules.headerBytes ? START : 0) | (at + size >= nal.length ? END : 0);
    payloads.push(Buffer.concat([rules.fragmentHead(nal, position), nal.subarray(at, at + size)]));
  }
  return payloads;
}

/** The sender of one track: sequence numbers, counts, and what a sender report says. */
export class RtpSender {
  readonly channel: number;
  readonly #payloadType: number;
  readonly #ssrc: number;
  /** Not 0, as RFC 3550 5.1 asks; near the top, so that tests cross the wrap. */
  readonly firstTimestamp: number;
  #sequence = 65_500;
  #packets = 0;
  #octets = 0;

  constructor(options: {
    channel: number;
    payloadType: number;
    ssrc: number;
    firstTimestamp: number;
  }) {
    this.channel = options.channel;
    this.#payloadType = options.payloadType;
    this.#ssrc = options.ssrc;
    this.firstTimestamp = options.firstTimestamp;
  }

  /** The number that the next packet will have. */
  get nextSequence(): number {
    return this.#sequence;
  }

  /** Leaves out sequence numbers, as a network that lost packets. */
  skip(packets: number): void {
    this.#sequence = (this.#sequence + packets) & 0xffff;
  }

  /** Interleaved RTP packets of one frame; the last one has the marker bit (RFC 3551 4.1). */
  frame(payloads: readonly Buffer[], ticks: number): Buffer {
    const parts = payloads.flatMap((payload, index) => {
      const head = Buffer.alloc(16);
      head[0] = 0x24;
      head[1] = this.channel;
      head.writeUInt16BE(12 + payload.length, 2);
      head[4] = 0x80;
      head[5] = this.#payloadType | (index === payloads.length - 1 ? 0x80 : 0);
      head.writeUInt16BE(this.#sequence, 6);
      head.writeUInt32BE(this.#rtpTime(ticks), 8);
      head.writeUInt32BE(this.#ssrc, 12);
      this.#sequence = (this.#sequence + 1) & 0xffff;
      this.#packets += 1;
      this.#octets += payload.length;
      return [head, payload];
    });
    return Buffer.concat(parts);
  }

  /** An interleaved compound packet: sender report and CNAME (RFC 3550 6.4.1, 6.5). */
  report(ntpMs: number, ticks: number): Buffer {
    const packet = Buffer.alloc(4 + 28 + 16);
    packet[0] = 0x24;
    packet[1] = this.channel + 1;
    packet.writeUInt16BE(packet.length - 4, 2);
    packet.writeUInt32BE(0x80c8_0006, 4);
    packet.writeUInt32BE(this.#ssrc, 8);
    packet.writeUInt32BE(Math.floor(ntpMs / 1000), 12);
    packet.writeUInt32BE(Math.floor(((ntpMs % 1000) / 1000) * 2 ** 32), 16);
    packet.writeUInt32BE(this.#rtpTime(ticks), 20);
    packet.writeUInt32BE(this.#packets, 24);
    packet.writeUInt32BE(this.#octets >>> 0, 28);
    packet.writeUInt32BE(0x81ca_0003, 32);
    packet.writeUInt32BE(this.#ssrc, 36);
    packet.write('\x01\x03cam', 40, 'latin1');
    return packet;
  }

  #rtpTime(ticks: number): number {
    return (this.firstTimestamp + Math.round(ticks)) >>> 0;
  }
}
