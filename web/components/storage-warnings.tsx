/** What is about to be lost, above everything else of the page. */
import type { JSX } from 'preact';
import type { StorageWarning } from '../../server/contract/storage.ts';
import { warningWords } from '../words/storage-warning-words.ts';
import { Note } from './note.tsx';

/** Nothing at all while there is nothing to say. */
export function StorageWarnings(props: {
  readonly warnings: readonly StorageWarning[];
  readonly nameOf: (cameraId: string) => string;
}): JSX.Element | null {
  if (props.warnings.length === 0) return null;
  return (
    <div class="stack">
      {props.warnings.map((warning) => {
        const { sentence, hint, isLoss } = warningWords(warning, props.nameOf);
        return (
          <Note key={sentence} sentence={sentence} {...(isLoss ? { kind: 'alarm' } : {})}>
            <p>{hint}</p>
          </Note>
        );
      })}
    </div>
  );
}
