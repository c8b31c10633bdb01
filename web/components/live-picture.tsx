/** Not built yet: one camera's live picture with its strip. */
import type { JSX } from 'preact';
import type { Camera } from '../../server/contract/camera.ts';

/** `size`: a tile of the wall, or the whole page. */
export function LivePicture(props: {
  readonly camera: Camera;
  readonly size: 'tile' | 'page';
  readonly sound?: boolean;
}): JSX.Element {
  return <video data-camera-id={props.camera.id} />;
}
