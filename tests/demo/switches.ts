/** What can go wrong with a camera of the demo: how it is switched on and off, and what is then seen. */
import type { DoorbellCamera } from '../doubles/doorbell/doorbell-camera.ts';
import { answers, noTrouble, type Trouble } from '../doubles/rtsp-camera/trouble.ts';

/** One switch. */
export interface Switch {
  /** In addresses. */
  readonly slug: string;
  readonly label: string;
  /** What should be seen in Doorkeep, in one line. */
  readonly seen: string;
  isOn: (camera: DoorbellCamera) => boolean;
  set: (camera: DoorbellCamera, on: boolean) => void | Promise<void>;
}

/** The password that the demo's cameras have, and the one they want when something is wrong. */
export const CAMERA_PASSWORD = 'doorbell';
const OTHER_PASSWORD = 'changed-at-the-camera';

/** Slower than any picture: a camera at the far end of a bad network. */
const DRIP_BYTES_PER_SECOND = 4_000;

const HOUR_MS = 3_600_000;

/** All switches, in the order of the page: what happens most at real doors first. */
export const SWITCHES: readonly Switch[] = [
  {
    ...{ slug: 'stall', label: 'Stand still' },
    seen: 'The picture greys within two seconds; after five the camera is “connected but sends nothing”.',
    ...trouble('stall', true),
  },
  {
    ...{ slug: 'refuse', label: 'Refuse connections' },
    seen: 'The picture is lost at once; “does not answer”. Off: live again within ten seconds.',
    ...refusing(),
  },
  {
    ...{ slug: 'mute', label: 'Accept, and never answer' },
    seen: 'As a camera whose program hangs: the picture is lost, and each new try waits in vain.',
    ...afterDropping(trouble('mute', true)),
  },
  {
    ...{ slug: 'wrong-password', label: 'Another password' },
    seen: '“Refuses the user name or the password.” It is tried only now and then, lest it lock up.',
    ...afterDropping(wantingAnotherPassword()),
  },
  {
    ...{ slug: 'too-many-viewers', label: 'Too many viewers' },
    seen: '“Answers, but does not let Doorkeep in”, with the advice to close other programs.',
    ...afterDropping(answering(answers.tooManyViewers)),
  },
  {
    ...{ slug: 'not-found', label: 'Another address' },
    seen: '“Answers, but has no picture at this address.”',
    ...afterDropping(answering(answers.notFound)),
  },
  {
    ...{ slug: 'drip', label: 'A trickle of a network' },
    seen: 'The picture falls behind, says by how much, and is then given up as too slow.',
    ...trouble('dripBytesPerSecond', DRIP_BYTES_PER_SECOND),
  },
  {
    ...{ slug: 'no-key-frames', label: 'No key frames' },
    seen: 'After a restart of the picture none appears: “never sends a whole picture to start from”.',
    ...afterDropping(trouble('noKeyFrames', true)),
  },
  {
    ...{ slug: 'no-sound', label: 'No sound' },
    seen: 'The picture goes on, and is recorded, without sound. Only the front door has any.',
    ...trouble('noSound', true),
  },
  {
    ...{ slug: 'clock-ahead', label: 'Clock one hour ahead' },
    seen: 'The clock in the picture jumps. In Doorkeep nothing does: its own clock counts.',
    ...trouble('senderReportStepMs', HOUR_MS),
  },
  {
    ...{ slug: 'clock-behind', label: 'Clock one hour behind' },
    seen: 'The same, the other way: no gap, and no hour recorded twice.',
    ...trouble('senderReportStepMs', -HOUR_MS),
  },
];

/** What happens once: nothing to switch off again. */
export const DROP_CONNECTIONS = {
  slug: 'drop',
  label: 'Drop connections, once',
  seen: 'As a camera that restarts: live again within seconds, and a short gap in what is recorded.',
} as const;

/** Takes all troubles from a camera. */
export async function makeWell(camera: DoorbellCamera): Promise<void> {
  for (const { isOn, set } of SWITCHES) if (isOn(camera)) await set(camera, false);
}

type Setting = Pick<Switch, 'isOn' | 'set'>;

function trouble<K extends keyof Trouble>(field: K, value: Trouble[K]): Setting {
  return {
    isOn: ({ rtsp }) => rtsp.trouble[field] === value,
    set: ({ rtsp }, on) => {
      if (on) rtsp.trouble[field] = value;
      else if (rtsp.trouble[field] === value) rtsp.trouble[field] = noTrouble()[field];
    },
  };
}

function refusing(): Setting {
  return {
    isOn: ({ rtsp }) => !rtsp.listening,
    set: async ({ rtsp }, on) => {
      if (on === !rtsp.listening) return;
      if (!on) {
        await rtsp.listenAgain();
        return;
      }
      await rtsp.stopListening();
      rtsp.dropConnections();
    },
  };
}

function wantingAnotherPassword(): Setting {
  return {
    isOn: ({ rtsp }) => rtsp.login.account.password !== CAMERA_PASSWORD,
    set: ({ rtsp }, on) => {
      rtsp.login.account.password = on ? OTHER_PASSWORD : CAMERA_PASSWORD;
    },
  };
}

function answering(answer: NonNullable<Trouble['answer']>): Setting {
  return trouble('answer', answer);
}

// What concerns new connections only is seen when the old ones are gone.
function afterDropping({ isOn, set }: Setting): Setting {
  return {
    isOn,
    set: async (camera, on) => {
      await set(camera, on);
      if (on) camera.rtsp.dropConnections();
    },
  };
}
