import { describe, expect, it } from 'vitest';
import { MAX_SCALE, moveBy, WHOLE, zoomBy } from '../../../../web/components/picture-zoom.ts';

const size = { width: 400, height: 200 };

describe('zoomBy', () => {
  it('keeps what is under the fingers there', () => {
    const spot = { x: 300, y: 50 };
    const zoom = zoomBy(WHOLE, 2, spot, size);
    expect(zoom).toEqual({ scale: 2, x: -300, y: -50 });
    // The same point of the picture, before and after.
    expect((spot.x - zoom.x) / zoom.scale).toBe(300);
    expect((spot.y - zoom.y) / zoom.scale).toBe(50);
  });

  it('ends at eight times and at the whole picture', () => {
    expect(zoomBy(WHOLE, 100, { x: 0, y: 0 }, size).scale).toBe(MAX_SCALE);
    expect(zoomBy(WHOLE, 0.1, { x: 100, y: 100 }, size)).toEqual(WHOLE);
    const large = zoomBy(WHOLE, 4, { x: 200, y: 100 }, size);
    expect(zoomBy(large, 0.2501, { x: 0, y: 0 }, size)).toEqual(WHOLE);
  });

  it('shows no edge when it gets smaller at another place', () => {
    const corner = zoomBy(WHOLE, 8, { x: 400, y: 200 }, size);
    expect(corner).toEqual({ scale: 8, x: -2_800, y: -1_400 });
    expect(zoomBy(corner, 0.25, { x: 0, y: 0 }, size)).toEqual({ scale: 2, x: -400, y: -200 });
  });
});

describe('moveBy', () => {
  it('moves, up to the edges', () => {
    const zoom = zoomBy(WHOLE, 2, { x: 200, y: 100 }, size);
    expect(moveBy(zoom, { x: 50, y: -20 }, size)).toEqual({ scale: 2, x: -150, y: -120 });
    expect(moveBy(zoom, { x: 1_000, y: 1_000 }, size)).toEqual({ scale: 2, x: 0, y: 0 });
    expect(moveBy(zoom, { x: -1_000, y: -1_000 }, size)).toEqual({ scale: 2, x: -400, y: -200 });
  });

  it('leaves the whole picture where it is', () => {
    expect(moveBy(WHOLE, { x: 30, y: 30 }, size)).toEqual(WHOLE);
  });
});
