/** One output of ffmpeg: bytes in, a track and then fragments out. Pure. */
import { AppError } from '../base/errors.ts';
import { BoxReader, type Box } from '../fmp4/box-reader.ts';
import { parseFragment, type Fragment } from '../fmp4/fragment.ts';
import { parseInit } from '../fmp4/init-segment.ts';
import type { Track } from '../fmp4/track.ts';

/** What came out of the bytes. */
export type TrackItem =
  | { readonly type: 'track'; readonly track: Track }
  | { readonly type: 'fragment'; readonly fragment: Fragment };

/** Expects `ftyp moov (moof mdat)*` (ISO/IEC 14496-12 8.8) and ends with `corrupt` on anything
 * else that matters; boxes it does not know are passed over. */
export class TrackReader {
  readonly #kind: 'video' | 'audio';
  readonly #boxes = new BoxReader();
  #ftyp: Box | undefined;
  #track: Track | undefined;
  #moof: Box | undefined;

  constructor(kind: 'video' | 'audio') {
    this.#kind = kind;
  }

  /** Takes a chunk as the pipe gave it; returns what became complete. */
  push(chunk: Buffer): TrackItem[] {
    const items: TrackItem[] = [];
    for (const box of this.#boxes.push(chunk)) {
      const item = this.#take(box);
      if (item !== undefined) items.push(item);
    }
    return items;
  }

  #take(box: Box): TrackItem | undefined {
    switch (box.type) {
      case 'ftyp':
        this.#ftyp = box;
        return undefined;
      case 'moov':
        return { type: 'track', track: this.#init(box) };
      case 'moof':
        this.#moof = box;
        return undefined;
      case 'mdat':
        return { type: 'fragment', fragment: this.#fragment(box) };
      default:
        return undefined;
    }
  }

  #init(moov: Box): Track {
    if (this.#ftyp === undefined || this.#track !== undefined) throw misplaced('moov');
    const track = parseInit(moov);
    if (track.kind !== this.#kind) throw misplaced(`a ${track.kind} track`);
    this.#track = track;
    return track;
  }

  #fragment(mdat: Box): Fragment {
    const moof = this.#moof;
    if (moof === undefined || this.#track === undefined) throw misplaced('mdat');
    this.#moof = undefined;
    return parseFragment(this.#kind, moof, mdat);
  }
}

function misplaced(what: string): AppError {
  return new AppError('corrupt', `${what} where it does not belong`, { reason: 'corrupt' });
}
