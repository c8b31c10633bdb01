/** What footage exists, and why it does not where it does not. */
import { Type, type Static } from '@sinclair/typebox';
import { CameraId } from './camera.ts';
import { Instant, oneOf, strictObject } from './schema.ts';

/** Why there is no footage. Closed; stored in the index, so values are never renamed. The first
 * group is why a run ended (ingest/stream-run.ts), the second is the box's own doing. */
export const GAP_REASONS = [
  'unreachable',
  'wrong-password',
  'not-found',
  'refused',
  'redirected',
  'stalled',
  'disconnected',
  'network-too-slow',
  'no-video',
  'no-key-frames',
  'unsupported-codec',
  'format-changed',
  'corrupt',
  'clock-drift',
  'disabled',
  'removed',
  'stopped',
  'internal',
  'server-stopped',
  'server-crashed',
  'index-lost',
  'damaged',
  'disk-full',
  'disk-too-slow',
  'write-failed',
  'long-key-frame-interval',
  'wrong-disk',
] as const;

/** See `GAP_REASONS`. */
export const GapReason = oneOf(GAP_REASONS);

/** See `GAP_REASONS`. */
export type GapReason = Static<typeof GapReason>;

/** `GET /api/recordings`: from is included, to is not. */
export const RecordingsQuery = strictObject({ camera: CameraId, from: Instant, to: Instant });

/** See `RecordingsQuery`. */
export type RecordingsQuery = Static<typeof RecordingsQuery>;

/** A stretch of footage without a break. */
export const RecordedRange = strictObject({ from: Instant, to: Instant });

/** See `RecordedRange`. */
export type RecordedRange = Static<typeof RecordedRange>;

/** A stretch without footage. */
export const Gap = strictObject({
  from: Instant,
  to: Type.Union([Instant, Type.Null()], { description: 'null: it goes on.' }),
  reason: GapReason,
});

/** See `Gap`. */
export type Gap = Static<typeof Gap>;

/** What there is between two instants, all lists in order of time and cut to the range asked for. */
export const Recordings = strictObject({
  ranges: Type.Array(RecordedRange),
  gaps: Type.Array(Gap),
  uncertain: Type.Optional(
    Type.Array(RecordedRange, {
      description: 'Footage in `ranges` whose time is uncertain; left out where there is none.',
    }),
  ),
});

/** See `Recordings`. */
export type Recordings = Static<typeof Recordings>;
