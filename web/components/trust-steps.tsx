/** How this phone or computer gets to know the box: the file, the number, the steps. */
import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { box } from '../state/box.ts';
import { refreshSettings, settings } from '../state/settings.ts';
import { isPhone, SYSTEMS, systemOf, TRUST_STEPS, type System } from '../words/trust-words.ts';
import { Choice } from './choice.tsx';
import { Fingerprint } from './fingerprint.tsx';

/** For the browser at hand. Works before anybody is signed in, too. */
export function TrustSteps(): JSX.Element {
  const [system, setSystem] = useState<System>(() =>
    systemOf(navigator.userAgent, navigator.maxTouchPoints),
  );
  const id = useId();
  const isSignedIn = box.value.at === 'ready';
  useEffect(() => {
    if (isSignedIn) void refreshSettings();
  }, [isSignedIn]);
  return (
    <section class="card stack" aria-labelledby={id}>
      <h2 id={id}>Let this {isPhone(system) ? 'phone' : 'computer'} know the box</h2>
      <SystemChoice system={system} onChange={setSystem} />
      <ol class="steps">
        <li>
          <p>Fetch the box’s file. If the browser asks, allow the download.</p>
          {/* Not marked as a download: an iPhone then only saves it and never offers it. */}
          <p>
            <a class="button" href="/ca.crt">
              Fetch the file
            </a>
          </p>
        </li>
        <StepList system={system} />
      </ol>
      <NumberToCompare />
    </section>
  );
}

/** For a phone that stands beside: the file is on it, the number is shown. */
export function PhoneSteps(): JSX.Element {
  const [system, setSystem] = useState<System>('iphone');
  return (
    <div class="stack">
      <SystemChoice system={system} onChange={setSystem} />
      <ol class="steps">
        <StepList system={system} />
      </ol>
    </div>
  );
}

function SystemChoice(props: {
  readonly system: System;
  readonly onChange: (system: System) => void;
}): JSX.Element {
  return (
    <Choice
      label="It is"
      options={Object.entries(SYSTEMS).map(([value, word]) => ({ value: value as System, word }))}
      value={props.system}
      onChange={props.onChange}
    />
  );
}

function StepList(props: { readonly system: System }): JSX.Element {
  return (
    <>
      {TRUST_STEPS[props.system].map((step) => (
        <li key={step}>{step}</li>
      ))}
    </>
  );
}

/** The number that counts is the one that the box shows by itself: what a page shows over a line
 * that is not trusted yet may be anybody's. */
function NumberToCompare(): JSX.Element {
  const fingerprint = settings.value?.caFingerprint ?? undefined;
  return (
    <div class="stack close">
      <h3>The number to compare</h3>
      <p>
        The box prints it where Doorkeep was started, and shows it under Settings on its own screen.
        If your phone shows another one, stop: somebody stands between.
      </p>
      {fingerprint !== undefined && (
        <>
          <p class="small quiet">
            This page was told the number below; believe the one on the box.
          </p>
          <Fingerprint fingerprint={fingerprint} />
        </>
      )}
    </div>
  );
}
