/** How long a camera's footage is kept. What would go at once is said before; asked only where
 * something would. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { KeepLimits, KeepPreview } from '../../server/contract/storage.ts';
import type { Trouble } from '../api/call.ts';
import { browserClock } from '../base/clock.ts';
import { boxNowMs } from '../state/box-time.ts';
import { previewKeep, setKeep, setKeepWithUndo } from '../state/keep.ts';
import {
  fieldsOf,
  readKeep,
  sameKeep,
  type KeepFields,
  type KeepRead,
} from '../words/keep-fields.ts';
import { keepLossWords } from '../words/storage-words.ts';
import { Button } from './button.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { Field } from './field.tsx';
import { Form } from './form.tsx';
import { TroubleNote } from './note.tsx';

/** Typed within it, the next figure belongs to the same number. */
const TYPED_MS = 250;

/** `before` is what is set now. `onDone`: it is set, or left as it was. */
export function KeepForm(props: {
  readonly camera: NamedCamera;
  readonly before: KeepLimits;
  readonly onDone: () => void;
}): JSX.Element {
  const { camera, before, onDone } = props;
  const [fields, setFields] = useState(() => fieldsOf(before));
  const read = readKeep(fields, before);
  const loss = useLoss(camera.id, fields, before);
  const setting = useSetting(camera, before, onDone);
  return (
    <Form
      label={`How long ${camera.name} is kept`}
      onSubmit={() => (read.ok ? setting.begin(read.keep) : undefined)}
    >
      <LimitFields {...{ fields, read }} onFields={setFields} />
      {/* Its room is kept: nothing moves when the box has counted. */}
      <p class="keep-loss" role="status">
        {loss === undefined ? '' : keepLossWords(loss, camera.name, boxNowMs())}
      </p>
      {setting.trouble !== undefined && <TroubleNote trouble={setting.trouble} />}
      <div class="row">
        <Button kind="main" type="submit" disabled={setting.isBusy || !read.ok}>
          {setting.isBusy ? 'One moment' : 'Set it'}
        </Button>
        <Button kind="plain" onPress={onDone}>
          Leave it
        </Button>
      </div>
      {setting.asked !== undefined && (
        <AskLoss
          name={camera.name}
          loss={setting.asked}
          isBusy={setting.isBusy}
          onAct={setting.act}
          onKeep={setting.leave}
        />
      )}
    </Form>
  );
}

interface NamedCamera {
  readonly id: string;
  readonly name: string;
}

function LimitFields(props: {
  readonly fields: KeepFields;
  readonly read: KeepRead;
  readonly onFields: (fields: KeepFields) => void;
}): JSX.Element {
  const { fields, read, onFields } = props;
  return (
    <div class="span">
      <Field
        label="Days at most"
        inputMode="numeric"
        autocomplete="off"
        value={fields.days}
        help="Empty: as long as there is room."
        problem={read.ok ? undefined : read.days}
        onInput={(days) => {
          onFields({ ...fields, days });
        }}
      />
      <Field
        label="Gigabytes at most"
        inputMode="decimal"
        autocomplete="off"
        value={fields.gigabytes}
        help="Empty: as much as there is room for."
        problem={read.ok ? undefined : read.gigabytes}
        onInput={(gigabytes) => {
          onFields({ ...fields, gigabytes });
        }}
      />
    </div>
  );
}

function AskLoss(props: {
  readonly name: string;
  readonly loss: KeepPreview;
  readonly isBusy: boolean;
  readonly onAct: () => void;
  readonly onKeep: () => void;
}): JSX.Element {
  return (
    <ConfirmDialog
      question={`Delete the oldest of ${props.name}?`}
      action="Delete it"
      busy={props.isBusy}
      onAct={props.onAct}
      onKeep={props.onKeep}
    >
      <div class="stack close">
        <p>{keepLossWords(props.loss, props.name, boxNowMs())}</p>
        <p>It does not come back. What is protected stays.</p>
      </div>
    </ConfirmDialog>
  );
}

/** On the way to being set. */
interface Setting {
  readonly isBusy: boolean;
  readonly trouble: Trouble | undefined;
  /** What would go: somebody has to say so first. */
  readonly asked: KeepPreview | undefined;
  readonly begin: (keep: KeepLimits) => Promise<void>;
  readonly act: () => void;
  readonly leave: () => void;
}

function useSetting(camera: NamedCamera, before: KeepLimits, onDone: () => void): Setting {
  const [isBusy, setBusy] = useState(false);
  const [asked, setAsked] = useState<
    { readonly loss: KeepPreview; readonly keep: KeepLimits } | undefined
  >(undefined);
  const [trouble, setTrouble] = useState<Trouble | undefined>(undefined);
  const end = (refused: Trouble | undefined): void => {
    setBusy(false);
    setAsked(undefined);
    setTrouble(refused);
    if (refused === undefined) onDone();
  };
  return {
    ...{ isBusy, trouble, asked: asked?.loss },
    begin: async (keep) => {
      if (sameKeep(keep, before)) {
        onDone();
        return;
      }
      setBusy(true);
      // Anew: more was recorded since it was said.
      const outcome = await previewKeep(camera.id, keep);
      if (!outcome.ok) {
        end(outcome.trouble);
      } else if (outcome.value.bytes === 0) {
        end(await setKeepWithUndo(camera, keep, before));
      } else {
        setBusy(false);
        setAsked({ loss: outcome.value, keep });
      }
    },
    act: () => {
      if (asked === undefined) return;
      setBusy(true);
      void setKeep(camera.id, asked.keep).then(end);
    },
    leave: () => {
      setAsked(undefined);
    },
  };
}

/** What the typed limits would delete at once; undefined until the box has counted. */
function useLoss(
  cameraId: string,
  fields: KeepFields,
  before: KeepLimits,
): KeepPreview | undefined {
  const [loss, setLoss] = useState<KeepPreview | undefined>(undefined);
  useEffect(() => {
    setLoss(undefined);
    const read = readKeep(fields, before);
    if (!read.ok || sameKeep(read.keep, before)) return undefined;
    const left = new AbortController();
    const timer = browserClock.setTimer(TYPED_MS, () => {
      void previewKeep(cameraId, read.keep, left.signal).then((outcome) => {
        // What went wrong is said when it is to be set.
        if (outcome.ok && !left.signal.aborted) setLoss(outcome.value);
      });
    });
    return () => {
      left.abort();
      timer.cancel();
    };
  }, [cameraId, fields]);
  return loss;
}
