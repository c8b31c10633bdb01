/** Says when the list of recordings was lost, or files are damaged; nothing where all is well. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { refreshStorageUse, storageUse } from '../state/storage-use.ts';
import { indexWords } from '../words/index-words.ts';
import { Note } from './note.tsx';

/** See the head of this file. Asks the box when it is shown. */
export function IndexNotes(): JSX.Element {
  useEffect(() => {
    void refreshStorageUse();
  }, []);
  const index = storageUse.value?.index;
  const sentences = index === undefined ? [] : indexWords(index);
  return (
    <>
      {sentences.map((sentence) => (
        <Note key={sentence} kind="alarm" sentence={sentence} />
      ))}
    </>
  );
}
