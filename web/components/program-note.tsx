/** At the foot of the settings: which Doorkeep this is, and one line more when it is old. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { version } from '../state/box.ts';
import { boxNowMs } from '../state/box-time.ts';
import { askProgram, program } from '../state/program.ts';
import { ageInWords, programInWords } from '../words/program-words.ts';

/** See the head of this file. */
export function ProgramNote(): JSX.Element {
  useEffect(() => {
    void askProgram();
  }, []);
  const age = ageInWords(program.value, boxNowMs());
  return (
    <>
      <p class="small quiet">{programInWords(version.value, program.value)}</p>
      {age !== undefined && <p class="small">{age}</p>}
    </>
  );
}
