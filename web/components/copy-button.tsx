/** Copies what is shown once, and says whether it did. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from './button.tsx';

/** `done`: what it says then. */
export function CopyButton(props: { readonly text: string; readonly done: string }): JSX.Element {
  const [told, setTold] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(props.text);
      setTold(props.done);
    } catch {
      // Browsers refuse it where the page is not trusted, or when a person says no.
      setTold('This browser does not copy here. Mark it by hand.');
    }
  };
  return (
    <>
      <Button
        onPress={() => {
          void copy();
        }}
      >
        Copy
      </Button>
      <span role="status" class="small">
        {told}
      </span>
    </>
  );
}
