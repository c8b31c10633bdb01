/** What to do when officers ask and when the box is gone: plain steps, with what is true of this box now. Not a
 * lawyer's advice, and not written for one country. Pure but for the zone. */
import type { StorageUse } from '../../server/contract/storage.ts';
import type { Fact } from './privacy-words.ts';

const THREATS = 'docs/threat-model.md';
const GUARANTEE = 'docs/guarantee.md';

function from(source: string, texts: readonly string[]): Fact[] {
  return texts.map((text) => ({ text, source }));
}

/** What is true of this box, for both pages. */
export function boxFacts(storage: StorageUse | undefined, daysKept: string | undefined): Fact[] {
  if (storage === undefined)
    return [{ text: 'Not checked: the box did not tell.', source: 'storage' }];
  const kept = daysKept === undefined ? 'Nothing is kept yet.' : `It keeps ${daysKept} of footage.`;
  return [
    {
      source: 'storage.locked',
      text: storage.locked
        ? 'The past is locked in this browser. It opens with a password.'
        : 'The past is open in this browser. Press Lock to close it for all.',
    },
    { source: 'storage.cameras', text: kept },
  ];
}

/** Officers stand at the door, or write. */
export const IF_OFFICERS_ASK: readonly Fact[] = [
  ...from(GUARANTEE, [
    'Doorkeep gives nothing away by itself. Officers have to ask you, and you know of it.',
    'Ask for names, for the office, and for a paper that says what they want. Keep a copy of it.',
    'You may ask for time to speak with a lawyer before you answer. What you must do differs from land to land.',
    'Do not delete what you were asked for. In many places that is a crime of its own.',
    'If you give footage, make an export of just those minutes. The record shows who made it and when.',
    'Never hand out the recovery sheet to show one video. It opens all that is kept.',
    'In the United States the law on forced passwords is not settled. Ask a lawyer there.',
    'Next time less can be asked for if you keep less: see Storage.',
  ]),
];

/** The box is gone, or was carried off. */
export const IF_STOLEN: readonly Fact[] = [
  ...from(THREATS, [
    'If you can still reach the box, press Lock now. Live goes on and the past closes for all.',
    'Change the password of each camera. The box has to know them to record alone, so who has the box can read them.',
    'Take the trust in this box off each phone: its authority was on the box.',
    'Change your Doorkeep password anywhere else you use it. Who has the box can guess at it for as long as they like.',
    'Where is the recovery sheet? If it was with the box, who took it can open the footage.',
    'On the new box make a new key. What is recorded from then on opens with the new sheet only.',
    'Tell the police, if you want to. A backup and the sheet bring people and settings back on a new box.',
  ]),
];

/** What a taken box shows to who has it. */
export const TAKEN_SHOWS: readonly Fact[] = from(THREATS, [
  'Taken while off or locked, it shows no stored picture and no sound without a password or the sheet.',
  'It does show names of people and cameras, addresses in the home, and the passwords of cameras.',
  'It does show when and how much was recorded, and so about when somebody was there.',
  'Taken while it runs and is locked, it can hold up to ten minutes of pictures in memory, and more that memory has not let go.',
  'Taken while open, it can be read until it locks.',
]);
