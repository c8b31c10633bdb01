/** Who lives here: people, what they may do, and the links by which they come in. */
import { Type, type Static } from '@sinclair/typebox';
import { CameraId } from './camera.ts';
import { Instant, oneOf, SECRET_FORMAT, strictObject } from './schema.ts';
import { Password, Role, Username } from './session.ts';

/** How long a link can be used. */
export const INVITATION_HOURS = 24;

/** More people than live in a home; the file of keys holds no more either. */
export const PEOPLE_MAX = 32;

/** Links that are open at once. */
export const INVITATIONS_MAX = 16;

/** What a link can make of somebody. There is one owner. */
export const InvitedRole = oneOf(['member', 'viewer']);

/** See `InvitedRole`. */
export type InvitedRole = Static<typeof InvitedRole>;

const Cameras = Type.Union([Type.Array(CameraId, { maxItems: 64 }), Type.Null()], {
  description: 'null: all of them, those to come included.',
});

const PersonName = Type.String({ minLength: 1, maxLength: 64, pattern: '\\S' });

/** One of the household. */
export const Person = strictObject({
  id: Type.Integer({ minimum: 1 }),
  name: Type.String({ description: 'The user name.' }),
  role: Role,
  mayExport: Type.Boolean(),
  isYou: Type.Boolean(),
  cameras: Type.Optional(Cameras),
});

/** See `Person`. */
export type Person = Static<typeof Person>;

/** A link that nobody has used yet. */
export const Invitation = strictObject({
  id: Type.String({ description: '16 hexadecimal digits.' }),
  name: Type.String(),
  role: InvitedRole,
  mayExport: Type.Boolean(),
  cameras: Cameras,
  isNewPassword: Type.Boolean({ description: 'For a person who is there: a new password.' }),
  until: Instant,
});

/** See `Invitation`. */
export type Invitation = Static<typeof Invitation>;

/** `GET /api/people`. Cameras and open links are for the owner alone. */
export const People = strictObject({
  people: Type.Array(Person),
  invitations: Type.Array(Invitation),
});

/** See `People`. */
export type People = Static<typeof People>;

/** `POST /api/invitations`. */
export const NewInvitation = strictObject({
  name: PersonName,
  role: InvitedRole,
  mayExport: Type.Boolean(),
  cameras: Cameras,
  password: Password,
});

/** See `NewInvitation`. */
export type NewInvitation = Static<typeof NewInvitation>;

/** `POST /api/people/{id}/invitation`: a new password, and with it another role if one is named. */
export const NewPasswordLink = strictObject({
  role: Type.Optional(InvitedRole),
  password: Password,
});

/** See `NewPasswordLink`. */
export type NewPasswordLink = Static<typeof NewPasswordLink>;

/** A link that was made: to be shown once, because only a hash of its secret is kept. */
export const MadeInvitation = strictObject({
  id: Type.String(),
  secret: Type.String({ description: 'Goes into the link, behind `/#invitation=`. Shown once.' }),
  until: Instant,
});

/** See `MadeInvitation`. */
export type MadeInvitation = Static<typeof MadeInvitation>;

/** `PATCH /api/people/{id}`: what is left out stays. */
export const PersonPatch = strictObject({
  role: Type.Optional(InvitedRole),
  mayExport: Type.Optional(Type.Boolean()),
  cameras: Type.Optional(Cameras),
});

/** See `PersonPatch`. */
export type PersonPatch = Static<typeof PersonPatch>;

const LinkSecret = Type.String({ format: SECRET_FORMAT, minLength: 1, maxLength: 64 });

/** `POST /api/invitations/look`: what a link is for. */
export const InvitationLook = strictObject({ secret: LinkSecret });

/** See `InvitationLook`. */
export type InvitationLook = Static<typeof InvitationLook>;

/** What a link is for. */
export const InvitationSeen = strictObject({
  name: Type.String(),
  role: InvitedRole,
  mayExport: Type.Boolean(),
  isNewPassword: Type.Boolean({ description: '`name` is then the user name, which stays.' }),
});

/** See `InvitationSeen`. */
export type InvitationSeen = Static<typeof InvitationSeen>;

/** `POST /api/invitations/claim`: once. */
export const InvitationClaim = strictObject({
  secret: LinkSecret,
  username: Type.Optional(Username),
  password: Password,
});

/** See `InvitationClaim`. */
export type InvitationClaim = Static<typeof InvitationClaim>;

/** Somebody has come in, and signs in next. */
export const Claimed = strictObject({ user: Type.String(), role: Role });

/** See `Claimed`. */
export type Claimed = Static<typeof Claimed>;
