/** How a picture is enlarged and moved within its frame. Pure. */

/** `scale` 1 is the whole picture; `x` and `y` are where its left top corner lies, in CSS pixels. */
export interface Zoom {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** The frame, in CSS pixels. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** A place in the frame, in CSS pixels from its left top corner. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** The whole picture. */
export const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };

/** Eight of the camera's pixels wide is as much as a face at a gate needs. */
export const MAX_SCALE = 8;

/** A scale so near to 1 is meant to be 1. */
const NEARLY_WHOLE = 1.02;

/** `factor` times larger; what was at `spot` stays there. */
export function zoomBy(zoom: Zoom, factor: number, spot: Spot, size: FrameSize): Zoom {
  const wanted = Math.min(Math.max(zoom.scale * factor, 1), MAX_SCALE);
  const scale = wanted < NEARLY_WHOLE ? 1 : wanted;
  const grown = scale / zoom.scale;
  return kept(
    { scale, x: spot.x - (spot.x - zoom.x) * grown, y: spot.y - (spot.y - zoom.y) * grown },
    size,
  );
}

/** Moved by so much; its edges never come into the frame. */
export function moveBy(zoom: Zoom, by: Spot, size: FrameSize): Zoom {
  return kept({ ...zoom, x: zoom.x + by.x, y: zoom.y + by.y }, size);
}

function kept({ scale, x, y }: Zoom, { width, height }: FrameSize): Zoom {
  return {
    scale,
    x: Math.min(0, Math.max(x, width * (1 - scale))),
    y: Math.min(0, Math.max(y, height * (1 - scale))),
  };
}
