/** Reads the playlists of the box (`server/playback/playlist.ts`). Pure. */
import { PlaybackTimeline, type Stretch } from './playback-timeline.ts';

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
