/** What every page says while the browser does not know the box, and the way to change it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { trust } from '../state/trust.ts';
import { isPhone, systemOf } from '../words/trust-words.ts';
import { Button } from './button.tsx';
import { Note } from './note.tsx';
import { TrustSteps } from './trust-steps.tsx';

/** Nothing while the box is known, or nobody can tell. */
export function TrustNote(): JSX.Element | null {
  const [isOpen, setOpen] = useState(false);
  if (trust.value !== 'untrusted') return null;
  return (
    <div class="stack trust">
      <Note sentence={untrustedWords()}>
        <div class="row spread">
          <span>Two minutes, once.</span>
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

/** Named after what a person holds or sits at. */
export function untrustedWords(): string {
  const system = systemOf(navigator.userAgent, navigator.maxTouchPoints);
  const what = isPhone(system) ? 'phone' : 'computer';
  return `This ${what} does not know this box yet, so pictures stay off.`;
}
