/** All cameras at once, as large as the room allows, in the household's order. */
import '../styles/wall.css';
import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Camera } from '../../server/contract/camera.ts';
import { goTo } from '../state/route.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';
import { KeyList, LOCK_KEY, type KeyWords } from './key-list.tsx';
import { pictureShape } from './live-picture.tsx';
import type { FullScreen } from './use-full-screen.ts';
import { useIdle } from './use-idle.ts';
import { useKeys } from './use-keys.ts';
import { packWall, placeRows, stackWall } from './wall-packing.ts';
import { useRoom } from './wall-room.ts';
import { WallTile } from './wall-tile.tsx';

/** Keys 1 to 9. */
const DIGITS = 9;

const WALL_KEYS: readonly KeyWords[] = [
  { keys: ['1', '…', '9'], does: 'open a camera, in their order' },
  { keys: ['F'], does: 'full screen' },
  LOCK_KEY,
  { keys: ['?'], does: 'this list' },
];

/** At least one camera. `isScreen`: pictures alone, which lead nowhere. */
export function WallView(props: {
  readonly cameras: readonly Camera[];
  readonly full: FullScreen;
  readonly isScreen?: boolean;
}): JSX.Element {
  const { cameras, full, isScreen = false } = props;
  const place = useRef<HTMLDivElement>(null);
  const room = useRoom(place);
  const [asksForKeys, setAsksForKeys] = useState(false);
  const isIdle = useIdle(full.isFull);
  const shape = cameras.map(ratioOf).join(' ');
  const { places, bottom } = useMemo(() => {
    if (room === undefined) return { places: [], bottom: 0 };
    const ratios = shape.split(' ').map(Number);
    const rows = (room.isUpright ? stackWall : packWall)(ratios, room);
    return placeRows(ratios, rows, room);
  }, [room, shape]);
  const digits = cameras.slice(0, DIGITS).map(({ id }, index) => [
    String(index + 1),
    () => {
      goTo({ page: 'camera', id, atMs: undefined });
    },
  ]);
  const keys = {
    ...(Object.fromEntries(digits) as Readonly<Record<string, () => void>>),
    f: full.toggle,
    '?': () => {
      setAsksForKeys(true);
    },
    ...(full.isFull ? { Escape: full.toggle } : {}),
  };
  useKeys(isScreen ? {} : keys);
  return (
    <>
      <div ref={place} class="wall-room" aria-hidden="true" />
      <ul class="wall" aria-label="Cameras" style={{ height: `${String(bottom)}px` }}>
        {cameras.map((camera, index) => {
          const place = places[index];
          const digit = index < DIGITS ? index + 1 : undefined;
          return place && <WallTile key={camera.id} {...{ camera, place, digit, isScreen }} />;
        })}
      </ul>
      {full.isFull && !isIdle && (
        <div class="leave-full" data-fades>
          <Button label="Leave full screen" onPress={full.toggle}>
            <Icon name="close" />
          </Button>
        </div>
      )}
      {asksForKeys && (
        <KeyList
          rows={WALL_KEYS}
          onClose={() => {
            setAsksForKeys(false);
          }}
        />
      )}
    </>
  );
}

function ratioOf(camera: Camera): number {
  const { width, height } = pictureShape(camera);
  return width / height;
}
