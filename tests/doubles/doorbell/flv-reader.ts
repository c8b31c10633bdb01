/**
 * Reads H.264 access units out of FLV as it comes (Adobe Flash Video 10.1, annex E). FLV because
 * ffmpeg writes each packet at once and says how long it is: in a bare H.264 stream a picture has
 * only ended when the next one begins, which is a frame late.
 */

/** The header of the file and the size of no tag before it. */
const FILE_HEADER_BYTES = 13;
const TAG_HEADER_BYTES = 11;

/** The size of a tag stands behind it, too. */
const TAG_TRAILER_BYTES = 4;

const VIDEO_TAG = 9;

/** Frame type, packet type and composition time, before what is AVC. */
const VIDEO_HEADER_BYTES = 5;
const PACKET_CONFIGURATION = 0;
const PACKET_NALS = 1;

/** A key frame of 720p has 200 kB; a tag's length field could say 16 MB. */
const TAG_MAX_BYTES = 4 * 1024 * 1024;

/** What comes out: parameter sets once, then pictures. */
export type FlvItem =
  | { readonly kind: 'parameter sets'; readonly sets: readonly Buffer[] }
  | { readonly kind: 'picture'; readonly nals: readonly Buffer[]; readonly key: boolean };

/** NAL unit types that stand elsewhere or are of no use: SEI, SPS, PPS, delimiter (H.264 table 7-1). */
const LEFT_OUT = new Set([6, 7, 8, 9]);

/** See the head of this file. */
export class FlvReader {
  #waiting: Buffer = Buffer.alloc(0);
  #headerRead = false;

  /** What is complete now. Throws when it is no FLV. */
  push(chunk: Buffer): FlvItem[] {
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk]);
    const items: FlvItem[] = [];
    let at = 0;
    if (!this.#headerRead) {
      if (this.#waiting.length < FILE_HEADER_BYTES) return items;
      if (this.#waiting.toString('latin1', 0, 3) !== 'FLV') throw new Error('this is not FLV');
      this.#headerRead = true;
      at = FILE_HEADER_BYTES;
    }
    while (this.#waiting.length - at >= TAG_HEADER_BYTES) {
      const bytes = this.#waiting.readUIntBE(at + 1, 3);
      if (bytes > TAG_MAX_BYTES) throw new Error(`a tag of ${String(bytes)} bytes`);
      const end = at + TAG_HEADER_BYTES + bytes;
      if (this.#waiting.length < end + TAG_TRAILER_BYTES) break;
      const item =
        this.#waiting[at] === VIDEO_TAG
          ? videoItem(this.#waiting.subarray(at + TAG_HEADER_BYTES, end))
          : undefined;
      if (item !== undefined) items.push(item);
      at = end + TAG_TRAILER_BYTES;
    }
    this.#waiting = this.#waiting.subarray(at);
    return items;
  }
}

function videoItem(tag: Buffer): FlvItem | undefined {
  const key = (tag[0] ?? 0) >> 4 === 1;
  const body = tag.subarray(VIDEO_HEADER_BYTES);
  if (tag[1] === PACKET_CONFIGURATION) {
    return { kind: 'parameter sets', sets: parameterSetsOf(body) };
  }
  if (tag[1] !== PACKET_NALS) return undefined;
  const nals: Buffer[] = [];
  for (let at = 0; at + 4 <= body.length;) {
    const end = at + 4 + body.readUInt32BE(at);
    // Copied: the chunk it lies in would be kept as long as the slowest client needs one unit.
    const nal = Buffer.from(body.subarray(at + 4, end));
    if (!LEFT_OUT.has((nal[0] ?? 0) & 0x1f)) nals.push(nal);
    at = end;
  }
  return { kind: 'picture', nals, key };
}

// AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1): SPS after five bytes, then PPS.
function parameterSetsOf(record: Buffer): Buffer[] {
  const sets: Buffer[] = [];
  let at = 5;
  for (const countMask of [0x1f, 0xff]) {
    const count = (record[at] ?? 0) & countMask;
    at += 1;
    for (let index = 0; index < count; index += 1) {
      const bytes = record.readUInt16BE(at);
      sets.push(Buffer.from(record.subarray(at + 2, at + 2 + bytes)));
      at += 2 + bytes;
    }
  }
  return sets;
}
