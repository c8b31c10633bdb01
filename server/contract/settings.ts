/** What the owner sets for the whole box in the page, and what the page has to know for it. */
import { Type, type Static } from '@sinclair/typebox';
import { oneOf, strictObject } from './schema.ts';

/** IPv4, IPv6 and a VPN's way in are three; the rest is for routers that hand out new ones. */
export const LEARNED_ADDRESSES_MAX = 8;

/** Who may open Doorkeep at all: programs on the box itself, or everything in the home network. */
export const Reach = oneOf(['this-machine', 'home']);

/** See `Reach`. */
export type Reach = Static<typeof Reach>;

/** `GET /api/settings`. */
export const Settings = strictObject({
  reach: Reach,
  reachIsFixed: Type.Boolean({ description: 'DOORKEEP_HOST says it; the page cannot change it.' }),
  addresses: Type.Array(Type.String(), {
    description: 'Where phones find the box, `https://` and best first; empty for this machine.',
  }),
  caFingerprint: Type.Union([Type.String(), Type.Null()], {
    description:
      'SHA-256 of the box’s own certificate authority in groups of two hexadecimal digits; null ' +
      'when there is none (this machine only, or a certificate of the owner’s).',
  }),
  networks: Type.Array(Type.String(), {
    description: 'Ranges that may come in beside the home: a VPN’s, as `address/prefix`.',
  }),
  learnedAddresses: Type.Array(
    strictObject({
      address: Type.String(),
      isOwners: Type.Boolean({ description: 'The owner was signed in by it.' }),
    }),
    {
      description:
        'Private addresses that browsers came by, which the certificate names as well: in a ' +
        'container, which cannot know the address of its machine.',
    },
  ),
});

/** See `Settings`. */
export type Settings = Static<typeof Settings>;

/** `PATCH /api/settings`: what is left out stays. */
export const SettingsPatch = strictObject({
  reach: Type.Optional(Reach),
  networks: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), {
      maxItems: 8,
      description: 'All of them: what is left out may not come in any more.',
    }),
  ),
  learnedAddresses: Type.Optional(
    Type.Array(Type.String({ maxLength: 39 }), {
      maxItems: LEARNED_ADDRESSES_MAX,
      description: 'All of them: the certificate no longer names what is left out.',
    }),
  ),
});

/** See `SettingsPatch`. */
export type SettingsPatch = Static<typeof SettingsPatch>;
