/** One camera on the wall: its picture and strip, and the way to its page over all of it. */
import type { JSX } from 'preact';
import type { Camera } from '../../server/contract/camera.ts';
import { Link } from './link.tsx';
import { LivePicture } from './live-picture.tsx';
import type { WallPlace } from './wall-packing.ts';

/** `place` is known before the picture is. `digit`: the key that opens it. */
export function WallTile(props: {
  readonly camera: Camera;
  readonly place: WallPlace;
  readonly digit: number | undefined;
}): JSX.Element {
  const { camera, place, digit } = props;
  return (
    <li
      class="wall-tile"
      style={{
        left: `${String(place.left)}px`,
        top: `${String(place.top)}px`,
        width: `${String(place.width)}px`,
      }}
    >
      <LivePicture camera={camera} size="tile" />
      <Link
        to={{ page: 'camera', id: camera.id, atMs: undefined }}
        class="wall-open"
        label={digit === undefined ? camera.name : `${camera.name}, key ${String(digit)}`}
      >
        {''}
      </Link>
    </li>
  );
}
