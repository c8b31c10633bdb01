/**
 * Which requests stand in the record, and how: the one place between the check of who may and the handler.
 * What shows the home is written before the handler runs; what changes something, before its answer leaves. Every
 * route that changes something or shows a picture is named here (tests/unit/api/recorded-routes.test.ts).
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { NewAuditEntry } from '../audit/audit-log.ts';
import type { RecordedPerson } from '../audit/household-record.ts';
import { seesCamera } from '../auth/access.ts';
import type { Identity } from '../auth/auth-service.ts';
import { errorFields, type Log } from '../base/log.ts';
import type { AuditKind } from '../contract/audit.ts';
import { identityOf } from './access-guard.ts';
import type { Api } from './api-types.ts';
import { CAMERA_LIMIT_MS } from './camera-deadline.ts';
import type { Services } from './services.ts';

/** What becomes of a request. */
interface Recorded {
  /** Before the handler: the request is refused when it cannot be written. */
  readonly before?: (request: FastifyRequest, services: Services) => Promise<void> | void;
  /** After it worked, before the answer. */
  readonly after?: AuditKind;
  /** A password, a code or a sheet is in it: a wrong one is counted. */
  readonly asksPassword?: true;
  /** A camera is tried, and a picture comes with the answer: who asked is shown as looking until then, and
   * for as long as a picture is looked at. */
  readonly tries?: true;
}

const PEOPLE_TELL = 'auth/people.ts tells what became of it, with the name (open-record.ts)';

/** Who stands in the record for a token: what it is called is in the list of tokens. */
const PROGRAM: RecordedPerson = { userId: 0, username: 'A program', isLiveOnly: false };

/** Why a route that changes something is not recorded. */
export const NOT_RECORDED: Readonly<Record<string, string>> = {
  'POST /api/exports/:id/file-access': 'asksPassword only: the fetching is recorded',
  'POST /api/restores': 'there is nobody yet; the restored record says that it was set back',
  'POST /api/restores/:id/pieces': 'as above',
  'POST /api/restores/:id': 'as above',
  'POST /api/privacy/try': 'it changes nothing',
  'PATCH /api/first-steps': 'a card of the owner’s: it opens, shows and ends nothing',
  'POST /api/audit/verification': 'it changes nothing',
  'DELETE /api/audit/verification': 'it changes nothing',
  'PATCH /api/people/:id': PEOPLE_TELL,
  'DELETE /api/people/:id': PEOPLE_TELL,
  'POST /api/people/:id/invitation': PEOPLE_TELL,
  'POST /api/invitations': PEOPLE_TELL,
  'DELETE /api/invitations/:id': PEOPLE_TELL,
  'POST /api/invitations/look': 'it changes nothing, and there is nobody yet',
  'POST /api/invitations/claim': PEOPLE_TELL,
  'POST /api/session/password': PEOPLE_TELL,
};

/** A picture, and a film of ten seconds, are looked at this long. */
const PICTURE_LASTS_MS = 10_000;

/** Its answer ends it before that, unless the connection goes first. */
const TEST_LASTS_MS = CAMERA_LIMIT_MS + PICTURE_LASTS_MS;

const shown =
  (kind: AuditKind) =>
  (request: FastifyRequest, { cameras, audit }: Services): Promise<void> => {
    const { id: cameraId } = cameras.get(idOf(request));
    const who = request.identity ?? PROGRAM;
    if (kind === 'picture-taken') {
      audit.presence.touch(who, { what: 'live', cameraId }, PICTURE_LASTS_MS);
    }
    return audit.record.seen(who, { kind, cameraId });
  };

const moment = async (request: FastifyRequest, { doorstep, audit }: Services): Promise<void> => {
  const cameraId = doorstep.list().find(({ id }) => id === idOf(request))?.camera;
  const about = cameraId === undefined ? {} : { cameraId };
  const who = identityOf(request);
  await audit.record.seen(who, { kind: 'moment-viewed', objectId: idOf(request), ...about });
  if (cameraId !== undefined) {
    audit.presence.touch(who, { what: 'past', cameraId }, PICTURE_LASTS_MS);
  }
};

/** Of a camera that has no id here: it may be one that is here all the same. */
const triedShown = (request: FastifyRequest, { audit }: Services, lastsMs: number): void => {
  audit.presence.touch(identityOf(request), { what: 'live', cameraId: '' }, lastsMs);
};

/** By method and address, as it is declared. */
export const RECORDED: Readonly<Record<string, Recorded>> = {
  'POST /api/setup': { after: 'set-up', asksPassword: true },
  'POST /api/session': { after: 'signed-in', asksPassword: true },
  'DELETE /api/session': { after: 'signed-out' },
  'POST /api/session/live-only': { after: 'wall-screen-made' },
  'POST /api/lock': { after: 'locked' },
  'POST /api/unlock': { after: 'unlocked', asksPassword: true },
  'POST /api/recovery': { after: 'password-recovered', asksPassword: true },
  'POST /api/keys': { after: 'new-key', asksPassword: true },
  'DELETE /api/keys/phones/:id': { after: 'phone-forgotten' },
  'POST /api/keys/phones/:id': { after: 'phone-kept' },
  'POST /api/cameras/test': {
    before: async (request, services) => {
      const who = actorOf(identityOf(request));
      await services.audit.record.note({ kind: 'camera-tested', who });
    },
    tries: true,
  },
  'POST /api/cameras': { tries: true, after: 'camera-added' },
  'PATCH /api/cameras/:id': { after: 'camera-changed' },
  'DELETE /api/cameras/:id': { after: 'camera-removed' },
  'GET /api/cameras/:id/snapshot': { before: shown('picture-taken') },
  'GET /api/cameras/:id/live': {
    before: (request, { cameras, audit }) =>
      request.ws
        ? audit.record.liveWanted(identityOf(request), cameras.get(idOf(request)).id)
        : undefined,
  },
  'GET /api/doorstep/:id/picture': { before: moment },
  'GET /api/doorstep/:id/clip': { before: moment },
  'GET /api/playback/:cameraId/:runId/:sequence.mp4': {
    before: async (request, { playback, audit }) => {
      const { cameraId, runId, sequence } = request.params as Record<string, string>;
      if (cameraId === undefined) return;
      const place = { cameraId, runId: Number(runId), sequence: Number(sequence) };
      const who = identityOf(request);
      await audit.record.pastViewed(who, cameraId, playback.startOf(place));
      audit.presence.touch(who, { what: 'past', cameraId });
    },
  },
  'POST /api/exports': { after: 'export-asked', asksPassword: true },
  'DELETE /api/exports/:id': { after: 'export-deleted' },
  'POST /api/exports/:id/file-access': { asksPassword: true },
  'GET /api/exports/:id/file': {
    before: (request, { auth, exports, audit }) => {
      const who = identityOf(request);
      const { id: objectId, camera } = exports.get(idOf(request), who.userId);
      auth.assertFileGranted(who, objectId);
      return audit.record.seen(who, { kind: 'export-fetched', objectId, cameraId: camera });
    },
  },
  'POST /api/backups': { after: 'backup-made', asksPassword: true },
  'GET /api/backups/:id/file': {
    before: (request, { auth, audit }) => {
      const [who, objectId] = [identityOf(request), idOf(request)];
      auth.assertFileGranted(who, objectId);
      return audit.record.seen(who, { kind: 'backup-fetched', objectId });
    },
  },
  'PATCH /api/settings': { after: 'settings-changed' },
  'POST /api/clock': { after: 'clock-set' },
  'PUT /api/storage/keep/:cameraId': { after: 'limits-changed' },
  'POST /api/protected': { after: 'range-protected' },
  'DELETE /api/protected/:id': { after: 'range-released' },
  'POST /api/tokens': { after: 'token-made', asksPassword: true },
  'DELETE /api/tokens/:id': { after: 'token-ended' },
};

/** Adds the hooks; after those that check who is asking. */
export function recordRequests(api: Api, services: Services, log: Log): void {
  const { auth, audit } = services;
  const trying = new WeakSet<FastifyRequest>();
  // Who is gone, or sees a camera no longer, looks no longer.
  const stopListening = auth.onAccessChanged(() => {
    audit.presence.keep(({ userId }, { cameraId }) => {
      if (userId === PROGRAM.userId) return true;
      const rights = auth.rightsOf(userId);
      return rights !== undefined && (cameraId === '' || seesCamera(rights, cameraId));
    });
  });
  // Nobody watches any more: what goes on is ended, what was counted is written.
  api.addHook('onClose', () => {
    stopListening();
    return audit.record.stop();
  });
  api.addHook('preHandler', async (request) => {
    const recorded = recordedOf(request);
    await recorded?.before?.(request, services);
    if (recorded?.tries !== true) return;
    trying.add(request);
    triedShown(request, services, TEST_LASTS_MS);
  });
  api.addHook('onSend', async (request, reply, payload) => {
    const recorded = recordedOf(request);
    if (recorded === undefined) return payload;
    if (trying.delete(request)) {
      triedShown(request, services, reply.statusCode < 400 ? PICTURE_LASTS_MS : 0);
    }
    if (reply.statusCode < 400) {
      if (recorded.after !== undefined) await noteAfter(request, reply, recorded.after);
    } else if (reply.statusCode === 401 && recorded.asksPassword === true) {
      noteRefused(request);
    }
    return payload;
  });

  /** It is done by now: an answer that said otherwise would be wrong. */
  async function noteAfter(request: FastifyRequest, reply: FastifyReply, kind: AuditKind) {
    try {
      await audit.record.note(entryOf(request, reply, kind));
      if (kind === 'unlocked' && reply.statusCode === 201) {
        await audit.record.note(entryOf(request, reply, 'phone-kept'));
      }
    } catch (thrown) {
      log.error({ kind, ...errorFields(thrown) }, 'the record could not be written');
    }
    if (kind === 'locked' || kind === 'unlocked') audit.presence.nudge();
  }

  function noteRefused(request: FastifyRequest): void {
    const { identity, ip: address } = request;
    // Nobody signed in on a route that needs somebody: no password was looked at.
    const { access } = request.routeOptions.config;
    if (identity === null && access !== 'public' && access !== 'setup') return;
    const name = identity?.username ?? textOf(request.body, 'username') ?? '';
    audit.record.refusedSignIn({ name, address });
  }
}

function recordedOf({ method, routeOptions }: FastifyRequest): Recorded | undefined {
  const name = `${method} ${routeOptions.url ?? ''}`;
  return Object.hasOwn(RECORDED, name) ? RECORDED[name] : undefined;
}

/** Members of bodies that say what was asked for, and are nobody's secret. */
const TOLD_FIELDS: ReadonlySet<string> = new Set(['from', 'to']);

function entryOf(request: FastifyRequest, reply: FastifyReply, kind: AuditKind): NewAuditEntry {
  const { identity, body } = request;
  const name = identity === null ? textOf(body, 'username') : textOf(body, 'keepAs');
  const cameraId = cameraOf(request, reply);
  const objectId = cameraId === undefined ? objectOf(request, reply) : undefined;
  const isChange = kind.endsWith('-changed');
  const [from, to] = [...TOLD_FIELDS].map((field) => textOf(body, field));
  return {
    ...{ kind, who: identity === null ? 'nobody' : actorOf(identity) },
    ...(cameraId !== undefined && { cameraId }),
    ...(objectId !== undefined && { objectId }),
    details: {
      ...(name !== undefined && { name: name.slice(0, 64) }),
      ...(isChange && isObject(body) && { fields: Object.keys(body).slice(0, 20) }),
      ...(from !== undefined && to !== undefined && { from, to }),
      ...(['signed-in', 'unlocked', 'set-up'].includes(kind) && { address: request.ip }),
    },
  };
}

function actorOf({ userId, username }: Identity): NewAuditEntry['who'] {
  return { userId, username };
}

function cameraOf(request: FastifyRequest, reply: FastifyReply): string | undefined {
  const { url = '' } = request.routeOptions;
  if (url.startsWith('/api/cameras/:id')) return idOf(request);
  if (url === '/api/cameras') return lastOf(reply);
  return textOf(request.params, 'cameraId') ?? textOf(request.body, 'camera');
}

function objectOf(request: FastifyRequest, reply: FastifyReply): string | undefined {
  return textOf(request.params, 'id') ?? lastOf(reply);
}

/** The id of what was made, which the answer names. */
function lastOf(reply: FastifyReply): string | undefined {
  const location = reply.getHeader('location');
  return typeof location === 'string' ? location.split('/').at(-1) : undefined;
}

function idOf(request: FastifyRequest): string {
  return textOf(request.params, 'id') ?? '';
}

function textOf(from: unknown, member: string): string | undefined {
  const value = isObject(from) && Object.hasOwn(from, member) ? from[member] : undefined;
  return typeof value === 'string' && value.length <= 64 ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
