/** Where a camera's address is found, in plain words and by maker. */
import type { JSX } from 'preact';
import { MAKERS, typedAddress } from '../words/camera-makers.ts';

/** Stands in for the numbers that a person's own camera has. */
const EXAMPLE_HOST = '192.168.1.20';

/** Folded away: who knows the address needs none of it. */
export function AddressAdvice(): JSX.Element {
  return (
    <details class="more">
      <summary>How do I find it?</summary>
      <div class="stack">
        <p>
          The camera’s app shows its numbers, often under Network or About: four of them with dots
          between, like {EXAMPLE_HOST}. Your router lists them too. Type them, choose the maker, and
          Doorkeep knows the rest.
        </p>
        <dl class="makers">
          {MAKERS.map((maker) => (
            <div key={maker.name}>
              <dt>{maker.name}</dt>
              <dd>{maker.advice}</dd>
              <dd class="small quiet">
                <code>{typedAddress(EXAMPLE_HOST, maker, '').url}</code>
              </dd>
            </div>
          ))}
          <div>
            <dt>Any other</dt>
            <dd>
              Look for “RTSP” in its app or manual, and paste the address it names. Cameras that run
              on a battery mostly have none.
            </dd>
          </div>
        </dl>
      </div>
    </details>
  );
}
