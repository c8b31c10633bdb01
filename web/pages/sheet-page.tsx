/** A new recovery sheet: printed, saved or copied, then a piece of it typed back. Shown once. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { browserClock } from '../base/clock.ts';
import { BarePage } from '../components/bare-page.tsx';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { Form } from '../components/form.tsx';
import { Sheet } from '../components/recovery-sheet.tsx';
import { putSheetAway, type RecoverySheet, type SheetWhy } from '../state/recovery-sheet.ts';
import { isEndOf, sheetText } from '../words/recovery-words.ts';
import { dateInWords } from '../words/time-words.ts';

const WHY: Readonly<Record<SheetWhy, string>> = {
  'set-up': 'Before your first camera: print this sheet, save it or copy it.',
  'sealed-now':
    'From now on, what is recorded opens only with your password or with this sheet. Print it, ' +
    'save it or copy it.',
  'new-key':
    'What is recorded from now on opens with this sheet, and no longer with the old one. Print it, ' +
    'save it or copy it.',
};

/** See the head of this file. */
export function SheetPage(props: { readonly sheet: RecoverySheet }): JSX.Element {
  const { sheet } = props;
  const [day] = useState(() => dateInWords(browserClock.wallMs()));
  const [told, setTold] = useState('');
  return (
    <BarePage title="Your recovery sheet">
      <p>{WHY[sheet.why]} It is shown this once.</p>
      <Sheet sheet={sheet} day={day} />
      <div class="row">
        <Button
          onPress={() => {
            window.print();
          }}
        >
          Print
        </Button>
        <Button
          onPress={() => {
            saveText('doorkeep-recovery-sheet.txt', sheetText({ ...sheet, day }));
            setTold('Saved. Move the file to where only you find it, and not onto the box.');
          }}
        >
          Save
        </Button>
        <Button
          onPress={() => {
            void copyText(sheet.key).then(setTold);
          }}
        >
          Copy
        </Button>
      </div>
      <p role="status">{told}</p>
      <TypeBack sheetKey={sheet.key} />
    </BarePage>
  );
}

/** Who has the sheet in front of them can do it; who clicked it away cannot. */
function TypeBack(props: { readonly sheetKey: string }): JSX.Element {
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<string | undefined>(undefined);
  return (
    <Form
      onSubmit={() => {
        if (isEndOf(props.sheetKey, typed)) putSheetAway();
        else setProblem('The key ends differently. Look at its last group on the sheet.');
      }}
    >
      <Field
        label="The last four characters of the key"
        autocomplete="off"
        required
        help="Type them from your copy: so you know that you have one."
        value={typed}
        problem={problem}
        onInput={(next) => {
          setTyped(next);
          setProblem(undefined);
        }}
      />
      <Button kind="main" type="submit">
        Go on
      </Button>
    </Form>
  );
}

/** Hands the browser a file that is made here and kept nowhere. */
function saveText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

async function copyText(text: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(text);
    return 'Copied. Put it where only you find it, then copy something else.';
  } catch {
    // Browsers refuse it where the page is not trusted, or when a person says no.
    return 'This browser does not copy here. Save it, or mark the key by hand.';
  }
}
