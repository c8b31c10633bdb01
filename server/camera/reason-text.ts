/** What the owner reads when a camera does not deliver: what happened, then what to do. */
import type { AppError } from '../base/errors.ts';
import { shortText } from '../base/short-text.ts';
import type { CameraState } from '../contract/camera.ts';
import { sentUsElsewhere } from '../egress/refusal-words.ts';
import { RedirectedError } from '../rtsp/camera-errors.ts';
import type { RunEndReason } from '../ingest/stream-run.ts';

/** The words for one reason, and the state that it puts the camera in. */
export interface ReasonText {
  readonly state: CameraState;
  /** One sentence, with the camera's name. */
  sentence(name: string): string;
  /** What to do next. */
  readonly hint: string;
}

/** What a longer name leaves of a first line of 90 characters is too little for some sentences. */
const NAME_MAX_CHARS = 36;

/** The sentence about one camera; `error` may know where it tried to send us. */
export function reasonSentence(reason: RunEndReason, name: string, error?: AppError): string {
  if (error instanceof RedirectedError && error.to !== undefined) {
    return sentUsElsewhere(name, error.to);
  }
  return REASON_TEXTS[reason].sentence(shortText(name, NAME_MAX_CHARS));
}

const RETRIES = 'Doorkeep keeps trying.';

/** Every reason has its words; a new reason does not compile without them. */
export const REASON_TEXTS: Readonly<Record<RunEndReason, ReasonText>> = {
  unreachable: {
    state: 'failed',
    sentence: (name) => `No picture from ${name}. It does not answer.`,
    hint: `Is it powered and on the network? ${RETRIES}`,
  },
  refused: {
    state: 'failed',
    sentence: (name) => `${name} answers, but does not let Doorkeep in.`,
    hint: `Other programs may be watching it already: close them, or restart the camera. ${RETRIES}`,
  },
  redirected: {
    state: 'failed',
    sentence: (name) => `${name} tried to send us elsewhere. We did not go.`,
    hint: 'Look into the camera’s own settings; if you did not set this, take it off the network.',
  },
  'wrong-password': {
    state: 'failed',
    sentence: (name) => `${name} refuses the user name or the password.`,
    hint: 'Type them again. Doorkeep tries only now and then, so that the camera does not lock up.',
  },
  'not-found': {
    state: 'failed',
    sentence: (name) => `${name} answers, but has no picture at this address.`,
    hint: 'Check the part of the address after the host; the camera’s manual names it.',
  },
  stalled: {
    state: 'stalled',
    sentence: (name) => `${name} is connected but sends nothing.`,
    hint: `If this goes on, restart the camera. ${RETRIES}`,
  },
  disconnected: {
    state: 'connecting',
    sentence: (name) => `${name} ended the connection.`,
    hint: RETRIES,
  },
  'network-too-slow': {
    state: 'stalled',
    sentence: (name) => `Pictures from ${name} come too slowly.`,
    hint: `Bring it nearer to the router, or choose a lower quality in its settings. ${RETRIES}`,
  },
  'no-video': {
    state: 'failed',
    sentence: (name) => `${name} sends no picture at this address.`,
    hint: 'This address may carry sound only; the camera’s manual names the one with the picture.',
  },
  'no-key-frames': {
    state: 'stalled',
    sentence: (name) => `${name} never sends a whole picture to start from.`,
    hint: 'Set its key-frame interval to one or two seconds and switch “smart codec” off.',
  },
  'unsupported-codec': {
    state: 'failed',
    sentence: (name) => `${name} sends pictures in a form that Doorkeep cannot keep.`,
    hint: 'Set the camera to H.264 or H.265.',
  },
  'format-changed': {
    state: 'connecting',
    sentence: (name) => `${name} changed its picture size.`,
    hint: 'Recording goes on with the new size.',
  },
  corrupt: {
    state: 'connecting',
    sentence: (name) => `${name} sent something that makes no sense.`,
    hint: `${RETRIES} If this comes back, update or restart the camera.`,
  },
  'clock-drift': {
    state: 'connecting',
    sentence: (name) => `${name}’s time ran away from this box’s clock.`,
    hint: 'Recording goes on with the right time.',
  },
  disabled: {
    state: 'disabled',
    sentence: (name) => `${name} is switched off.`,
    hint: 'Switch it on to watch and record again.',
  },
  removed: {
    state: 'disabled',
    sentence: (name) => `${name} was removed.`,
    hint: 'Add it again to watch and record.',
  },
  stopped: {
    state: 'connecting',
    sentence: (name) => `${name} is being started again.`,
    hint: 'It takes a few seconds.',
  },
  internal: {
    state: 'connecting',
    sentence: (name) => `Doorkeep stumbled over ${name}.`,
    hint: `${RETRIES} If this comes back, send us the log.`,
  },
};
