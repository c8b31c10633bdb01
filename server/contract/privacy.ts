/** Whom the box speaks to, whom it spoke to, what it refused, and what makes that so. */
import { Type, type Static } from '@sinclair/typebox';
import { Instant, oneOf, strictObject } from './schema.ts';

/** What keeps connections in, from the program down to the kernel. */
export const LAYER_NAMES = ['guard', 'systemd', 'nftables'] as const;

/** One of them. `absent`: not made for this box, or switched off by hand. `untried`: made for it, and nobody
 * could try yet whether it holds. */
export const PrivacyLayer = strictObject({
  name: oneOf(LAYER_NAMES),
  state: oneOf(['active', 'absent', 'broken', 'untried']),
  /** One sentence for the owner. */
  detail: Type.Optional(Type.String()),
});

/** See `PrivacyLayer`. */
export type PrivacyLayer = Static<typeof PrivacyLayer>;

/** Null: a camera that was being tried, or has been removed. */
const Camera = Type.Union([strictObject({ id: Type.String(), name: Type.String() }), Type.Null()]);

const Place = {
  address: Type.String(),
  port: Type.Integer(),
  camera: Camera,
};

const Count = Type.Integer({ minimum: 0 });

const ProbeAnswer = oneOf(['refused', 'left', 'no-way']);

/** One try whether the kernel lets a packet out: to addresses that nobody has, with one hop to live. */
export const KernelTry = strictObject({
  at: Instant,
  v4: ProbeAnswer,
  v6: ProbeAnswer,
});

/** See `KernelTry`. */
export type KernelTry = Static<typeof KernelTry>;

/** `GET /api/privacy`. */
export const Privacy = strictObject({
  layers: Type.Array(PrivacyLayer),
  kernelTry: Type.Union([KernelTry, Type.Null()], {
    description: 'The newest since the start; null before the first (POST /api/privacy/try).',
  }),
  connections: Type.Array(strictObject({ ...Place, since: Instant }), {
    description: 'Open now, the oldest first.',
  }),
  destinations: Type.Array(
    strictObject({
      ...Place,
      isAtHome: Type.Boolean({ description: 'A private, link-local or loopback address.' }),
      ...{ firstAt: Instant, lastAt: Instant, connections: Count },
    }),
    { description: 'Spoken to since `firstAt`, the latest first; at most 1,000.' },
  ),
  refused: Type.Array(
    strictObject({
      camera: Camera,
      part: Type.Union([Type.String(), Type.Null()], {
        description: 'The part of Doorkeep that tried; null when a camera asked for it.',
      }),
      way: Type.String({ description: 'connection, datagram, look-up, program, redirect, …' }),
      to: Type.String(),
      reason: Type.String(),
      sentence: Type.String(),
      firstAt: Instant,
      lastAt: Instant,
      count: Count,
    }),
    { description: 'The latest first, the same attempts counted together; at most 1,000.' },
  ),
  counts: strictObject(
    { connected: Count, failed: Count, refused: Count, open: Count },
    { description: 'Since the start; as in /api/metrics.' },
  ),
});

/** See `Privacy`. */
export type Privacy = Static<typeof Privacy>;
