/** The number by which the box's own authority is known, in rows that can be compared by eye. */
import type { JSX } from 'preact';
import { fingerprintRows } from '../words/trust-words.ts';

/** `fingerprint`: SHA-256 in hexadecimal digits, with or without signs between. */
export function Fingerprint(props: { readonly fingerprint: string }): JSX.Element {
  return (
    <p class="fingerprint">
      {fingerprintRows(props.fingerprint).map((row) => (
        <span key={row}>{row} </span>
      ))}
    </p>
  );
}
