/** In the place of pictures while the browser does not know the box: what to do, at full length. */
import type { JSX } from 'preact';
import { Note } from '../components/note.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { untrustedWords } from '../components/trust-note.tsx';
import { TrustSteps } from '../components/trust-steps.tsx';

/** See the head of this file. */
export function TrustPage(): JSX.Element {
  return (
    <PageFrame title="Home" trustIsSaid>
      <div class="stack">
        <Note sentence={untrustedWords()}>
          <p>Two minutes, once. Everything else works meanwhile.</p>
        </Note>
        <TrustSteps />
      </div>
    </PageFrame>
  );
}
