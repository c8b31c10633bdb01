/**
 * A playlist of the box as a map between the wall clock and a player's own time. A player plays
 * stretch after stretch without a pause, so its time runs on where the clock jumps. Pure.
 */

/** Footage of one run without a hole: within it, both times advance alike. */
export interface Stretch {
  /** First picture, epoch milliseconds. */
  readonly fromMs: number;
  /** Behind the last picture. */
  readonly toMs: number;
  /** Wall clock at decode time zero of its media. */
  readonly anchorMs: number;
  /** Its first entry among those of the playlist, from 0. */
  readonly firstEntry: number;
}

/** A stretch and its place on the player's time. */
interface Placed extends Stretch {
  /** Player's time of its first picture, in seconds. */
  startS: number;
}

/** Where a moment is found. */
export interface Place {
  /** Index of its stretch. */
  readonly stretch: number;
  /** The moment itself, or the first one behind it that was recorded. */
  readonly epochMs: number;
  /** Player's time. */
  readonly mediaS: number;
}

/** See the head of this file. */
export class PlaybackTimeline {
  readonly #stretches: readonly Placed[];

  constructor(stretches: readonly (Stretch & { readonly startS: number })[]) {
    this.#stretches = stretches.map((stretch) => ({ ...stretch }));
  }

  get stretches(): readonly Stretch[] {
    return this.#stretches;
  }

  /** Begin and end of all of it. */
  get fromMs(): number {
    return this.#stretches[0]?.fromMs ?? 0;
  }

  get toMs(): number {
    return this.#stretches.at(-1)?.toMs ?? 0;
  }

  /**
   * A player found out where the first picture of a stretch really is on its time: sound that is
   * recorded in front of it, or a rounding, moves it by some tenths of a second.
   */
  align(stretch: number, startS: number): void {
    const placed = this.#stretches[stretch];
    if (placed !== undefined) placed.startS = startS;
  }

  /** Player's time of the first picture of a stretch, in seconds. */
  startOf(stretch: number): number {
    return this.#stretches[stretch]?.startS ?? 0;
  }

  /** Where to play a moment; undefined behind the end. */
  placeOf(epochMs: number): Place | undefined {
    const index = this.#stretches.findIndex((stretch) => epochMs < stretch.toMs);
    const stretch = this.#stretches[index];
    if (stretch === undefined) return undefined;
    const foundMs = Math.max(epochMs, stretch.fromMs);
    const mediaS = stretch.startS + (foundMs - stretch.fromMs) / 1000;
    return { stretch: index, epochMs: foundMs, mediaS };
  }

  /** Which moment a player shows; times outside are drawn to the nearest end. */
  at(mediaS: number): Place {
    const index = Math.max(
      this.#stretches.findLastIndex((stretch) => stretch.startS <= mediaS + ROUNDING_S),
      0,
    );
    const stretch = this.#stretches[index];
    if (stretch === undefined) return { stretch: 0, epochMs: 0, mediaS };
    const epochMs = stretch.fromMs + (mediaS - stretch.startS) * 1000;
    const within = Math.min(Math.max(epochMs, stretch.fromMs), stretch.toMs);
    return { stretch: index, epochMs: within, mediaS };
  }
}

/** A player's time is a sum of doubles and its seeks are rounded to microseconds; no frame is as
 * short as this. */
const ROUNDING_S = 0.001;

/** A playlist to play in one go, and what it says. */
export interface ReadPlaylist {
  readonly text: string;
  readonly timeline: PlaybackTimeline;
}

/** The lines of runs that one decoder can play one after the other. */
interface Piece {
  readonly codecs: string;
  readonly lines: string[];
  readonly stretches: (Stretch & { readonly startS: number; toMs: number })[];
  entries: number;
  lengthMs: number;
}

/**
 * Reads what `server/playback/playlist.ts` writes. Where sound was switched on or the camera
 * changed its encoding, players must begin anew: the answer is the piece between two such changes in
 * which `epochMs` lies or that begins next, or the last one. Undefined for any other text.
 */
export function readPlaylist(text: string, epochMs: number): ReadPlaylist | undefined {
  const header: string[] = [];
  const pieces: Piece[] = [];
  let lengthMs = 0;
  let run: RunTag | undefined;
  for (const line of text.split('\n')) {
    const [tag, value] = split(line);
    if (tag === '#EXT-X-DOORKEEP-RUN') {
      run = runTag(value);
      if (run === undefined) return undefined;
      if (pieces.at(-1)?.codecs !== run.codecs) pieces.push(newPiece(run.codecs));
    }
    const piece = pieces.at(-1);
    if (piece === undefined || run === undefined) {
      header.push(line);
      continue;
    }
    if (tag === '#EXT-X-PROGRAM-DATE-TIME') {
      const fromMs = Date.parse(value);
      const at = { firstEntry: piece.entries, startS: piece.lengthMs / 1000 };
      piece.stretches.push({ fromMs, toMs: fromMs, anchorMs: run.anchorMs, ...at });
    } else if (tag === '#EXTINF') {
      lengthMs = Math.round(parseFloat(value) * 1000);
    } else if (line !== '' && !line.startsWith('#')) {
      addEntry(piece, lengthMs);
    }
    piece.lines.push(line);
  }
  return assemble(header, pieces, epochMs);
}

function assemble(
  header: readonly string[],
  pieces: readonly Piece[],
  epochMs: number,
): ReadPlaylist | undefined {
  const piece =
    pieces.find(({ stretches }) => epochMs < (stretches.at(-1)?.toMs ?? -Infinity)) ??
    pieces.at(-1);
  const isWhole = piece?.stretches.every(({ fromMs, toMs }) => fromMs < toMs) === true;
  if (piece === undefined || piece.entries === 0 || !isWhole) return undefined;
  const body = piece.lines.filter((line) => line !== '' && line !== END);
  // What stands in front of the first entry of a later piece is about the piece before.
  while (body.at(-1) === DISCONTINUITY) body.pop();
  return {
    text: [...header.filter((line) => line !== DISCONTINUITY), ...body, END, ''].join('\n'),
    timeline: new PlaybackTimeline(piece.stretches),
  };
}

const DISCONTINUITY = '#EXT-X-DISCONTINUITY';
const END = '#EXT-X-ENDLIST';

function newPiece(codecs: string): Piece {
  return { codecs, lines: [], stretches: [], entries: 0, lengthMs: 0 };
}

function addEntry(piece: Piece, lengthMs: number): void {
  const last = piece.stretches.at(-1);
  if (last === undefined) return;
  last.toMs += lengthMs;
  piece.lengthMs += lengthMs;
  piece.entries += 1;
}

interface RunTag {
  readonly anchorMs: number;
  readonly codecs: string;
}

function runTag(value: string): RunTag | undefined {
  const [, anchor, codecs] = /^ANCHOR="([^"]*)",CODECS="([^"]*)"$/.exec(value) ?? [];
  const anchorMs = Date.parse(anchor ?? '');
  return codecs === undefined || Number.isNaN(anchorMs) ? undefined : { anchorMs, codecs };
}

function split(line: string): [string, string] {
  const colon = line.indexOf(':');
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)];
}
