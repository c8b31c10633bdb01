/** The address of a camera: on a narrow screen it goes on in the next line between its parts, never
 * within a word. */
import type { JSX } from 'preact';

/** What a part begins with: `//192.168.1.20`, `:554`, `/Streaming`, `?channel=1`, `&subtype=0`. */
const PART_BEGINS = /(?=\/\/|(?<!\/)\/|[?&@:._-])/;

/** See the head of this file. */
export function AddressText(props: { readonly address: string }): JSX.Element {
  return (
    <>
      {props.address.split(PART_BEGINS).map((part, index) => (
        // The parts of an address have no name, and none of them moves.
        <span key={index}>
          {index > 0 && <wbr />}
          {part}
        </span>
      ))}
    </>
  );
}
