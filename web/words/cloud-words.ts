/** How a camera is kept from its maker, in plain steps, and what a look at it found. Pure but for the zone. */
import { hostIn } from './camera-makers.ts';
import { clockTime } from './time-words.ts';

/** At the camera itself. */
export const AT_THE_CAMERA: readonly string[] = [
  'Open the maker’s app, or the camera’s own page in a browser. Go to its settings for the network.',
  'Switch off what is called P2P, UID, cloud, platform access or remote access. Each maker has its own word.',
  'Switch off cloud recording, too.',
  'Is there no such switch? Then use the router.',
];

/** At the router, which is the surer way: it does not have to believe the camera. */
export const AT_THE_ROUTER: readonly string[] = [
  'Open the page of your router, and find the camera in its list of devices.',
  'Give the camera an address that stays. So the block stays with it.',
  'Block the camera from the Internet, and not from your home. The page may call it parental control or access control.',
];

/** Said before, so that nobody finds out in the rain. */
export const MAY_STOP: readonly string[] = [
  'The maker’s app no longer shows the camera when you are away. Its alerts stop.',
  'Some doorbells tell of a press late, or not at all, while they cannot reach their maker. Ring once, and see.',
  'The time in the camera’s own picture may go wrong. Doorkeep goes by its own clock.',
  'The camera gets no updates. Lift the block now and then to fetch them.',
];

/** "Front door is at 192.168.1.20." Undefined where its address is not told. */
export function placeWords(name: string, url: string): string | undefined {
  return url === '' ? undefined : `${name} is at ${hostIn(url).replace(/:\d+$/, '')}.`;
}

/** A picture came that is newer than the press. */
export function stillWords(name: string, takenMs: number): string {
  return `${name} still sends pictures to this box (${clockTime(takenMs)}).`;
}
