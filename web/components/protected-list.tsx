/** What is never deleted by itself: each stretch, where to see it, and how to let it go again. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Trouble } from '../api/call.ts';
import { unprotect, type ProtectedSpan } from '../state/protected.ts';
import { sizeInWords } from '../words/size-words.ts';
import { rangeInWords } from '../words/time-words.ts';
import { Button } from './button.tsx';
import { Link } from './link.tsx';
import { TroubleNote } from './note.tsx';

/** Nothing at all where nothing is protected. */
export function ProtectedRanges(props: {
  readonly camera: string;
  readonly name: string;
  readonly spans: readonly ProtectedSpan[];
  readonly nowMs: number;
}): JSX.Element | null {
  const { camera, name, spans, nowMs } = props;
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  if (spans.length === 0) return null;
  return (
    <div class="stack close">
      <h3>Protected</h3>
      {trouble !== undefined && <TroubleNote trouble={trouble} />}
      <ul class="protected" aria-label={`Protected footage of ${name}`}>
        {spans.map((span) => {
          const words = rangeInWords(span.fromMs, span.toMs, nowMs);
          return (
            <li key={span.id} class="beside">
              <span class="name">
                <Link
                  to={{ page: 'camera', id: camera, atMs: span.fromMs }}
                  label={`See ${name}, ${words}`}
                >
                  {words}
                </Link>{' '}
                <span class="quiet">{sizeInWords(span.bytes)}</span>
              </span>
              <Button
                label={`Let go: ${words}`}
                onPress={() => {
                  void unprotect(camera, span, nowMs).then(setTrouble);
                }}
              >
                Let go
              </Button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
