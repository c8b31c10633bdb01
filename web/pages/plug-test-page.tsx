/** The plug test: cut the home off from the Internet and see what goes on. Each step ends with something seen. */
import '../styles/privacy.css';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Camera } from '../../server/contract/camera.ts';
import type { Trouble } from '../api/call.ts';
import { browserClock } from '../base/clock.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { Form } from '../components/form.tsx';
import { Link } from '../components/link.tsx';
import { Note, TroubleNote } from '../components/note.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { Switch } from '../components/switch.tsx';
import { UnlockForm } from '../components/unlock-form.tsx';
import { useFollowLock } from '../components/use-follow-lock.ts';
import { cameras } from '../state/cameras.ts';
import { noteTried } from '../state/first-steps.ts';
import { isLocked } from '../state/lock.ts';
import {
  checkCopy,
  checkLive,
  checkPast,
  endPlugTest,
  noteFinding,
  plugResult,
  plugWalk,
  rememberPlugTest,
  tickPlug,
  type PlugFinding,
} from '../state/plug-test.ts';
import { boxNowMs } from '../state/box-time.ts';
import type { Route } from '../state/route.ts';
import { PLUG_CHECKS, plugSentence, type PlugCheck } from '../words/plug-words.ts';

/** What was a minute ago is seen. */
const PAST_MS = 60_000;

/** See the head of this file. */
export function PlugTestPage(): JSX.Element {
  useFollowLock();
  useEffect(rememberPlugTest, []);
  const camera = cameras.value?.find(({ enabled }) => enabled);
  const result = plugResult.value;
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const sentence = useRef<HTMLParagraphElement>(null);
  const [shownMs] = useState(() => browserClock.wallMs());
  useEffect(() => {
    // It ended here and now: what is left of it stands at the top.
    if (result !== undefined && result.atMs > shownMs) sentence.current?.focus();
  }, [result, shownMs]);
  return (
    <PageFrame title="Plug test" back={{ page: 'privacy' }}>
      <div class="stack sections">
        <p>
          Doorkeep says that it needs no Internet. Do not take its word: cut the home off, and see
          what goes on.
        </p>
        {result !== undefined && (
          <p ref={sentence} tabIndex={-1} data-source="browser.doorkeep-plug-test">
            <strong>{plugSentence(result)}</strong> This is kept in this browser only; the box keeps
            just that it was tried.
          </p>
        )}
        {trouble !== undefined && <TroubleNote trouble={trouble} />}
        {camera === undefined ? (
          <Note sentence="Add a camera first: there is nothing to look at yet." />
        ) : (
          <Walk camera={camera} onTrouble={setTrouble} />
        )}
      </div>
    </PageFrame>
  );
}

function Walk(props: {
  readonly camera: Camera;
  readonly onTrouble: (trouble: Trouble | undefined) => void;
}): JSX.Element {
  const { camera } = props;
  const { findings, ticks } = plugWalk.value;
  const isCut = ticks.cut === true;
  const isOver = isCut && PLUG_CHECKS.every((check) => findings[check] !== undefined);
  return (
    <>
      <section class="card stack" aria-labelledby="cut">
        <h2 id="cut">1. Cut the home off</h2>
        <p>
          Pull the cable from the router to the Internet. Leave the router on: this phone still has
          to reach the box. Or block this box at the router.
        </p>
        <Switch
          label="It is cut off"
          on={isCut}
          onChange={(on) => {
            tickPlug('cut', on);
          }}
        />
      </section>
      {isCut && <Looks camera={camera} />}
      {isOver && (
        <div class="row">
          <Button
            kind="main"
            onPress={() => {
              endPlugTest();
              void noteTried('plug-test').then(props.onTrouble);
            }}
          >
            End the test
          </Button>
          <p>Then put the cable back.</p>
        </div>
      )}
    </>
  );
}

function Looks({ camera }: { readonly camera: Camera }): JSX.Element {
  const { id } = camera;
  const found = (name: PlugCheck) => (finding: PlugFinding) => {
    noteFinding(name, finding);
  };
  return (
    <>
      <section class="card stack" aria-labelledby="live">
        <h2 id="live">2. Live</h2>
        <Check word="Look at live" onCheck={() => checkLive(camera).then(found('live'))} />
        <Seen check="live" to={{ page: 'camera', id, atMs: undefined }} word="I saw it move" />
      </section>
      <section class="card stack" aria-labelledby="past">
        <h2 id="past">3. The past</h2>
        {isLocked.value ? (
          <UnlockForm isIdle />
        ) : (
          <Check word="Look at the past" onCheck={() => checkPast(camera).then(found('past'))} />
        )}
        <Seen
          check="past"
          to={{ page: 'camera', id, atMs: boxNowMs() - PAST_MS }}
          word="I saw what was before"
        />
      </section>
      <section class="card stack" aria-labelledby="copy">
        <h2 id="copy">4. A copy</h2>
        {isLocked.value ? <p>Open the past first.</p> : <CopyForm camera={camera} />}
        <Seen check="copy" to={{ page: 'record' }} word="I saw it in the record" />
      </section>
    </>
  );
}

function CopyForm({ camera }: { readonly camera: Camera }): JSX.Element {
  const [password, setPassword] = useState('');
  return (
    <Form
      label="A copy"
      onSubmit={async () => {
        const finding = await checkCopy(camera, password);
        setPassword('');
        noteFinding('copy', finding);
      }}
    >
      <Field
        label="Your password"
        secret
        required
        autocomplete="current-password"
        help="A copy of 4 seconds is made and deleted again. The record shows both."
        value={password}
        onInput={setPassword}
      />
      <Button type="submit">Make a copy</Button>
    </Form>
  );
}

function Check(props: {
  readonly word: string;
  readonly onCheck: () => Promise<void>;
}): JSX.Element {
  const [isBusy, setBusy] = useState(false);
  return (
    <div class="row">
      <Button
        disabled={isBusy}
        onPress={() => {
          setBusy(true);
          void props.onCheck().then(() => {
            setBusy(false);
          });
        }}
      >
        {props.word}
      </Button>
    </div>
  );
}

function Seen(props: {
  readonly check: PlugCheck;
  /** Where it is seen. The way back keeps what was ticked. */
  readonly to: Route;
  readonly word: string;
}): JSX.Element {
  const { findings, ticks } = plugWalk.value;
  const finding = findings[props.check];
  return (
    <>
      <p role="status">{finding?.sentence}</p>
      {finding?.went === true && (
        <>
          <p>
            <Link to={props.to}>See it yourself</Link>, then come back here.
          </p>
          <Switch
            label={props.word}
            on={ticks[props.check] === true}
            onChange={(on) => {
              tickPlug(props.check, on);
            }}
          />
        </>
      )}
    </>
  );
}
