/** What every page says while the browser does not know the box, and the way to change it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { trust } from '../state/trust.ts';
import { Button } from './button.tsx';
import { Note } from './note.tsx';
import { TrustSteps } from './trust-steps.tsx';

/** Nothing while the box is known, or nobody can tell. */
export function TrustNote(): JSX.Element | null {
  const [isOpen, setOpen] = useState(false);
  if (trust.value !== 'untrusted') return null;
  return (
    <div class="stack">
      <Note sentence="This phone does not know this box yet, so pictures stay off.">
        <div class="row spread">
          <p>Two minutes.</p>
          <Button
            expanded={isOpen}
            onPress={() => {
              setOpen(!isOpen);
            }}
          >
            {isOpen ? 'Close' : 'Show me'}
          </Button>
        </div>
      </Note>
      {isOpen && <TrustSteps />}
    </div>
  );
}
