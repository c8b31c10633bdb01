/** What the box believes of the time, and a page's clock beside it. */
import { Type, type Static } from '@sinclair/typebox';
import { Instant, oneOf, strictObject } from './schema.ts';

/** Who vouched for the box's clock since it was switched on. */
export const ClockSource = oneOf(['network', 'person', 'nobody']);

/** See `ClockSource`. */
export type ClockSource = Static<typeof ClockSource>;

/** `GET /api/clock`. */
export const BoxClock = strictObject({
  time: Instant,
  source: ClockSource,
});

/** See `BoxClock`. */
export type BoxClock = Static<typeof BoxClock>;

/** A request that took longer says too little of when the page's clock showed its time. */
export const ROUND_TRIP_MAX_MS = 10_000;

/** `POST /api/clock`. */
export const PageClock = strictObject({
  time: Instant,
  withinMs: Type.Integer({
    minimum: 0,
    maximum: ROUND_TRIP_MAX_MS,
    description: 'How long a request and its answer took just before.',
  }),
  adopt: Type.Optional(
    Type.Boolean({ description: 'A person says that this clock is right, and not the box’s.' }),
  ),
});

/** See `PageClock`. */
export type PageClock = Static<typeof PageClock>;

/** What came of it. */
export const ClockComparison = strictObject({
  time: Instant,
  source: ClockSource,
  aheadMs: Type.Integer({
    description: 'The box’s time minus the one that was sent; negative: the box is behind.',
  }),
});

/** See `ClockComparison`. */
export type ClockComparison = Static<typeof ClockComparison>;
