/** Footage as a browser plays it: HLS with fragmented MP4 (RFC 8216). */
import { type Static } from '@sinclair/typebox';
import { Instant, strictObject } from './schema.ts';

/** `GET /api/playback/{cameraId}.m3u8`: from is included, to is not. */
export const PlaybackQuery = strictObject({ from: Instant, to: Instant });

/** See `PlaybackQuery`. */
export type PlaybackQuery = Static<typeof PlaybackQuery>;
