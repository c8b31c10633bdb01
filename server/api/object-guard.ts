/**
 * Who may see what a request is about: looked at in one place, for every route (object-rules.ts). What
 * somebody may not see is answered like what does not exist, word for word.
 */
import type { FastifyRequest } from 'fastify';
import { seesCamera } from '../auth/access.ts';
import type { Identity } from '../auth/auth-service.ts';
import { AppError } from '../base/errors.ts';
import { cameraNamed, idNamed, type ObjectRule } from './object-rules.ts';
import type { Services } from './services.ts';

/** Where the camera of an object is found. */
export type ObjectSources = Pick<Services, 'auth' | 'doorstep' | 'exports' | 'protectedFootage'>;

/** `not-found` for what is not there and for what this person may not see. Throws nothing for whoever
 * sees everything: the handler then says what is missing. */
export function checkObject(request: FastifyRequest, sources: ObjectSources): void {
  const rule = request.routeOptions.config.object;
  const { identity } = request;
  if (rule === undefined || identity === null) return;
  if (!maySee(request, identity, { rule, sources })) throw notThere(rule);
}

/** Whether somebody, as they are now, may see what a request is about. */
export function maySee(
  request: FastifyRequest,
  identity: Identity,
  { rule, sources }: { readonly rule: ObjectRule; readonly sources: ObjectSources },
): boolean {
  switch (rule.is) {
    case 'box':
    case 'page':
    case 'record':
    case 'session':
      return true;
    case 'phone':
      return identity.role === 'owner' || isOwnPhone(request, identity, sources);
    default: {
      if (identity.cameras === 'all') return true;
      const cameraId = cameraOf(request, identity, { rule, sources });
      return cameraId !== undefined && seesCamera(identity, cameraId);
    }
  }
}

function cameraOf(
  request: FastifyRequest,
  { userId }: Identity,
  { rule, sources }: { readonly rule: ObjectRule; readonly sources: ObjectSources },
): string | undefined {
  const id = idNamed(request);
  switch (rule.is) {
    case 'camera':
      return cameraNamed(request);
    case 'moment':
      return sources.doorstep.list().find((moment) => moment.id === id)?.camera;
    case 'export':
      return sources.exports.list(userId).find((job) => job.id === id)?.camera;
    case 'protected-range':
      return id === undefined ? undefined : sources.protectedFootage.find(id)?.cameraId;
    default:
      return undefined;
  }
}

function isOwnPhone(
  request: FastifyRequest,
  { userId }: Identity,
  { auth }: ObjectSources,
): boolean {
  const id = idNamed(request);
  return auth.kept.list().some((phone) => phone.id === id && phone.userId === userId);
}

/** The sentences of what does not exist. */
function notThere(rule: ObjectRule): AppError {
  switch (rule.is) {
    case 'camera':
      return new AppError('not-found', 'There is no such camera.', {
        hint: 'It may have been removed. Look at the list of cameras.',
      });
    case 'export':
      return new AppError('not-found', 'There is no such export.');
    case 'protected-range':
      return new AppError('not-found', 'There is no such protected range.', {
        hint: 'Its protection may have been ended. Look at the list.',
      });
    case 'phone':
      return new AppError('not-found', 'There is no such phone in the list.', {
        hint: 'It may be gone already. Load the page again.',
      });
    default:
      return new AppError('not-found', 'There is nothing with this id.');
  }
}
