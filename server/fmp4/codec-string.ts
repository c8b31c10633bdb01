/** The `codecs` parameter of a media type: what a browser is asked whether it can play. */
import { ByteCursor } from './byte-cursor.ts';

/** From the content of `avcC`: `avc1.` and profile, compatibility, level (RFC 6381 3.3). */
export function avcCodecString(record: Buffer): string {
  const cursor = new ByteCursor(record);
  cursor.skip(1);
  return `avc1.${cursor.take(3).toString('hex')}`;
}

/**
 * From the content of `hvcC`: ISO/IEC 14496-15 annex E.3, e.g. `hvc1.1.6.L120.B0`: profile space
 * and profile, compatibility flags in reverse bit order, tier and level, constraint bytes without
 * the trailing zero ones.
 */
export function hevcCodecString(record: Buffer): string {
  const cursor = new ByteCursor(record);
  cursor.skip(1);
  const profile = cursor.u8();
  const compatibility = cursor.u32();
  const constraints = [...cursor.take(6)];
  const level = cursor.u8();
  while (constraints.at(-1) === 0) constraints.pop();
  // None, A, B or C.
  const space = profile >> 6 === 0 ? '' : String.fromCharCode(64 + (profile >> 6));
  const tier = (profile & 0x20) === 0 ? 'L' : 'H';
  return [
    'hvc1',
    `${space}${profile & 0x1f}`,
    hex(reverseBits(compatibility)),
    `${tier}${level}`,
    ...constraints.map(hex),
  ].join('.');
}

/** `mp4a.40.` and the audio object type (RFC 6381 3.3, ISO/IEC 14496-3 table 1.17). */
export function aacCodecString(audioObjectType: number): string {
  return `mp4a.40.${audioObjectType}`;
}

function hex(value: number): string {
  return value.toString(16).toUpperCase();
}

function reverseBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit += 1) reversed = reversed * 2 + ((value >>> bit) & 1);
  return reversed;
}
