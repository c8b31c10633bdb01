/** One camera on the wall: its picture and strip, and the way to its page over all of it. */
import type { JSX } from 'preact';
import type { Camera } from '../../server/contract/camera.ts';
import { Link } from './link.tsx';
import { LivePicture, pictureShape } from './live-picture.tsx';
import type { WallPlace } from './wall-packing.ts';

/** `place` is known before the picture is. `digit`: the key that opens it. `isScreen`: nothing does. */
export function WallTile(props: {
  readonly camera: Camera;
  readonly place: WallPlace;
  readonly digit: number | undefined;
  readonly isScreen: boolean;
}): JSX.Element {
  const { camera, place, digit, isScreen } = props;
  return (
    <li
      class="wall-tile"
      style={{
        left: `${String(place.left)}px`,
        top: `${String(place.top)}px`,
        width: `${String(place.width)}px`,
      }}
    >
      {camera.enabled ? <LivePicture camera={camera} size="tile" /> : <OffTile camera={camera} />}
      {!isScreen && (
        <Link
          to={{ page: 'camera', id: camera.id, atMs: undefined }}
          class="wall-open"
          label={digit === undefined ? camera.name : `${camera.name}, key ${String(digit)}`}
        >
          {''}
        </Link>
      )}
    </li>
  );
}

/** A camera that is switched off keeps its place, and says so instead of being black. */
function OffTile({ camera }: { readonly camera: Camera }): JSX.Element {
  const { width, height } = pictureShape(camera);
  return (
    <figure class="live" data-size="tile">
      <div
        class="live-frame off-frame"
        style={{ aspectRatio: `${String(width)} / ${String(height)}` }}
      >
        <p>Switched off</p>
      </div>
      <figcaption class="live-strip">
        <span class="live-name">{camera.name}</span>
        <span class="live-state">not watched, not recorded</span>
      </figcaption>
    </figure>
  );
}
