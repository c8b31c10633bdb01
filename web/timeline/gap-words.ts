/** Why nothing was recorded, as one sentence for the people of the house. Pure. */
import type { GapReason } from '../../server/contract/recording.ts';

/** Every reason has its words; a new reason does not compile without them. */
const GAP_WORDS: Readonly<Record<GapReason, (name: string) => string>> = {
  unreachable: (name) => `${name} did not answer: without power, or off the network.`,
  'wrong-password': (name) => `${name} refused the user name or the password.`,
  'not-found': (name) => `${name} had no picture at its address.`,
  refused: (name) => `${name} answered, but did not let Doorkeep in.`,
  redirected: (name) => `${name} tried to send us elsewhere. We did not go.`,
  stalled: (name) => `${name} was connected, but sent nothing.`,
  disconnected: (name) => `${name} ended the connection.`,
  'network-too-slow': (name) => `Pictures from ${name} came too slowly.`,
  'no-video': (name) => `${name} sent no picture.`,
  'no-key-frames': (name) => `${name} never sent a whole picture to start from.`,
  'unsupported-codec': (name) => `${name} sent pictures in a form that Doorkeep cannot keep.`,
  'format-changed': (name) => `${name} changed its picture size.`,
  corrupt: (name) => `${name} sent something that made no sense.`,
  'clock-drift': (name) => `${name}’s time had run away and was set right.`,
  disabled: (name) => `${name} was switched off.`,
  removed: (name) => `${name} was removed.`,
  stopped: (name) => `${name} was being started again.`,
  internal: (name) => `Doorkeep stumbled over ${name} and started again.`,
  'server-stopped': () => 'Doorkeep was stopped.',
  'server-crashed': () => 'The box lost power, or Doorkeep ended unexpectedly.',
  'index-lost': () => 'The list of recordings was lost, and with it why there is nothing.',
  damaged: () => 'The footage from then is damaged. Settings says where it is.',
  'disk-full': () => 'The disk was full.',
  'disk-too-slow': () => 'The disk was too slow.',
  'write-failed': () => 'The disk did not take the footage.',
  'wrong-disk': () => 'The disk with the footage was missing, or another one was in its place.',
  'long-key-frame-interval': (name) =>
    `${name} sends whole pictures too seldom, so that the time between two was lost.`,
};

/** The sentence for a reason; without one: nothing was kept there and nobody noted why. */
export function gapWords(reason: GapReason | undefined, cameraName: string): string {
  return reason === undefined ? 'Nothing is kept from then.' : GAP_WORDS[reason](cameraName);
}
