/** The cameras before and after this one, in the household's order: what a swipe does, as buttons. */
import type { JSX } from 'preact';
import type { Camera } from '../../server/contract/camera.ts';
import { goTo } from '../state/route.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';

/** The camera so many places on, round the end; undefined when it is the only one. */
export function neighbourOf(
  cameras: readonly Camera[],
  id: string,
  direction: 1 | -1,
): Camera | undefined {
  const index = cameras.findIndex((camera) => camera.id === id);
  if (index === -1 || cameras.length < 2) return undefined;
  return cameras[(index + direction + cameras.length) % cameras.length];
}

/** Shows another camera at the same moment. One step back leads to the wall, however many were seen. */
export function goToCamera(camera: Camera | undefined, atMs: number | undefined): void {
  if (camera !== undefined) goTo({ page: 'camera', id: camera.id, atMs }, 'replace');
}

/** Nothing at all where there is one camera only. */
export function CameraNeighbours(props: {
  readonly cameras: readonly Camera[];
  readonly id: string;
  readonly atMs: number | undefined;
}): JSX.Element | null {
  const before = neighbourOf(props.cameras, props.id, -1);
  const after = neighbourOf(props.cameras, props.id, 1);
  if (before === undefined || after === undefined) return null;
  return (
    <div class="neighbours">
      <Button
        kind="plain"
        label={`Camera before: ${before.name}`}
        onPress={() => {
          goToCamera(before, props.atMs);
        }}
      >
        <Icon name="back" />
      </Button>
      <Button
        kind="plain"
        label={`Camera after: ${after.name}`}
        onPress={() => {
          goToCamera(after, props.atMs);
        }}
      >
        <Icon name="next" />
      </Button>
    </div>
  );
}
