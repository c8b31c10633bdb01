/** The disk as one bar, and the same in words. */
import type { JSX } from 'preact';
import { diskParts, type DiskPartKind, type DiskRoom } from '../timeline/disk-parts.ts';
import { sizeInWords } from '../words/size-words.ts';

const WORDS: Readonly<Record<DiskPartKind, string>> = {
  protected: 'protected footage',
  footage: 'other footage',
  other: 'other things on this disk',
  free: 'free',
  reserve: 'always left free',
};

/** The drawing is so wide in its own units. */
const WIDTH = 1_000;

/** See the head of this file. */
export function DiskRoomBar(props: { readonly room: DiskRoom }): JSX.Element {
  const parts = diskParts(props.room);
  const hasProtected = parts.some(({ kind }) => kind === 'protected');
  return (
    <div class="stack close">
      <svg
        class="disk"
        viewBox={`0 0 ${String(WIDTH)} 1`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {parts.map(({ kind, from, share }) => (
          <rect
            key={kind}
            data-kind={kind}
            x={from * WIDTH}
            y="0"
            width={share * WIDTH}
            height="1"
          />
        ))}
      </svg>
      <ul class="disk-parts" aria-label={`The disk of ${sizeInWords(props.room.totalBytes)}`}>
        {parts.map(({ kind, bytes }) => (
          <li key={kind}>
            <span class="disk-key" data-kind={kind} aria-hidden="true" />
            {sizeInWords(bytes)} {kind === 'footage' && !hasProtected ? 'footage' : WORDS[kind]}
          </li>
        ))}
      </ul>
    </div>
  );
}
