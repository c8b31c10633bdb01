/** Puts the API together. It does not listen: the caller does, and closes it. */
import Fastify from 'fastify';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { checkAccess } from './access-guard.ts';
import { isFromAnotherMachine } from './another-machine.ts';
import type { Api, RouteParts, SchemaTypes } from './api-types.ts';
import type { BuiltPage } from './built-page.ts';
import {
  replyToClientError,
  replyToError,
  replyToFrameworkError,
  replyToUnknown,
  routeOf,
} from './error-reply.ts';
import type { FrontDoor } from './front-door.ts';
import { createHttpServer } from './http-server.ts';
import { KnownRoutes } from './known-routes.ts';
import { checkObject } from './object-guard.ts';
import { OpenAnswers } from './open-answers.ts';
import { openapiOptions } from './openapi.ts';
import { checkRequestOrigin, type ComingIn, type HostNames } from './request-origin.ts';
import { checkRoute } from './route-rules.ts';
import { recordRequests } from './recorded-routes.ts';
import { auditRoutes } from './routes/audit.ts';
import { backupRoutes } from './routes/backups.ts';
import { cameraRoutes } from './routes/cameras.ts';
import { certificateRoutes } from './routes/certificate.ts';
import { doorstepRoutes } from './routes/doorstep.ts';
import { exportRoutes } from './routes/exports.ts';
import { firstStepRoutes } from './routes/first-steps.ts';
import { healthRoutes } from './routes/health.ts';
import { keyRoutes } from './routes/keys.ts';
import { liveRoutes } from './routes/live.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { openapiRoutes } from './routes/openapi.ts';
import { pageRoutes } from './routes/page.ts';
import { peopleRoutes } from './routes/people.ts';
import { programRoutes } from './routes/program.ts';
import { playbackRoutes } from './routes/playback.ts';
import { privacyRoutes } from './routes/privacy.ts';
import { protectedRoutes } from './routes/protected.ts';
import { recordingRoutes } from './routes/recordings.ts';
import { restoreRoutes } from './routes/restores.ts';
import { sessionRoutes } from './routes/session.ts';
import { clockRoutes } from './routes/clock.ts';
import { settingsRoutes } from './routes/settings.ts';
import { setupRoutes } from './routes/setup.ts';
import { storageRoutes } from './routes/storage.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { acceptJsonOnly } from './secret-bodies.ts';
import { PERMISSIONS_POLICY, securityHeaders } from './security-headers.ts';
import { refuseServiceWorkers } from './service-workers.ts';
import type { Services } from './services.ts';
import type { OwnDate } from '../update/own-date.ts';
import { endRefusedUpgrades } from './upgrades.ts';

/** What the API must know about the box. */
export interface ApiConfig {
  /** The version of Doorkeep, for /api/health. */
  readonly version: string;
  /** Of when it is; where nothing is said, nothing is known. */
  readonly program?: OwnDate;
  /** Names under which a browser may reach this box besides localhost and private literals. */
  readonly hostNames: HostNames;
  /** Who may come in at all. */
  readonly networks: ComingIn;
  /** The files of the page; without them its addresses answer 404 with a hint. */
  readonly page?: BuiltPage;
  /** What every connection passes first. */
  readonly door: FrontDoor;
  /** Hears by which Host the owner is signed in; left out where nobody wants to know. */
  readonly ownerCameBy?: (host: string) => void;
}

/** What the API is made of. */
export interface ApiParts {
  readonly services: Services;
  readonly log: Log;
  readonly clock: Clock;
  readonly config: ApiConfig;
}

/** The longest request we know is an export with a 256-character password: about 1 KiB. */
const BODY_MAX_BYTES = 64 * 1024;

/** Ids are 16 or 32 characters. */
const PARAM_MAX_CHARS = 100;

/** Builds the API. Throws when a route does not declare its access or its schemas. */
export async function buildApi({ services, log, clock, config }: ApiParts): Promise<Api> {
  const api: Api = Fastify({
    // Requests are logged below, by route and never by address.
    logger: false,
    trustProxy: false,
    bodyLimit: BODY_MAX_BYTES,
    routerOptions: { maxParamLength: PARAM_MAX_CHARS },
    // A HEAD would run the handler of its GET: take a picture, read a whole file.
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    return503OnClosing: false,
    serverFactory: (handler) => createHttpServer(handler, config.door),
    ajv: {
      customOptions: {
        removeAdditional: false,
        coerceTypes: false,
        useDefaults: false,
        discriminator: true,
      },
    },
    frameworkErrors: replyToFrameworkError,
    clientErrorHandler: replyToClientError,
  }).withTypeProvider<SchemaTypes>();

  const known = new KnownRoutes();
  api.addHook('onRoute', (route) => {
    checkRoute(route);
    known.add(route.url, [route.method].flat());
  });
  acceptJsonOnly(api);
  api.setErrorHandler((error, request, reply) => {
    replyToError(error, request, reply, log);
  });
  api.setNotFoundHandler((request, reply) => {
    replyToUnknown(request, reply, known.methodsOf(request.url.split('?')[0] ?? ''));
  });

  await api.register(helmet, securityHeaders());
  await api.register(cookie);
  await api.register(swagger, openapiOptions());
  guardRequests(api, { services, log, clock, config });
  recordRequests(api, services, log);
  endRefusedUpgrades(api);

  await addRoutes(api, { services, clock, version: config.version }, config);
  return api;
}

/** All of them. */
async function addRoutes(api: Api, parts: RouteParts, config: ApiConfig): Promise<void> {
  healthRoutes(api, parts);
  setupRoutes(api, parts);
  sessionRoutes(api, parts);
  peopleRoutes(api, parts);
  invitationRoutes(api, parts);
  tokenRoutes(api, parts);
  keyRoutes(api, parts);
  cameraRoutes(api, parts);
  await liveRoutes(api, parts);
  doorstepRoutes(api, parts);
  recordingRoutes(api, parts);
  playbackRoutes(api, parts);
  storageRoutes(api, parts);
  protectedRoutes(api, parts);
  exportRoutes(api, parts);
  for (const add of [metricsRoutes, privacyRoutes, settingsRoutes, firstStepRoutes])
    add(api, parts);
  clockRoutes(api, parts);
  certificateRoutes(api, parts);
  backupRoutes(api, parts);
  await restoreRoutes(api, parts);
  programRoutes(api, parts, config.program);
  auditRoutes(api, parts);
  openapiRoutes(api);
  pageRoutes(api, config.page ?? new Map());
}

/** The hooks that every request passes, in this order, before its body is read; and the door's end. */
function guardRequests(api: Api, { services, log, config }: ApiParts): void {
  api.decorateRequest('identity', null);
  api.addHook('preClose', (done) => {
    config.door.close();
    done();
  });
  api.addHook('onRequest', (request, reply, done) => {
    // Everything here is about the home, and a cache in between knows nobody (GHSA-4vfc-hxpj-f7x7).
    void reply.header('Cache-Control', 'no-store');
    void reply.header('Permissions-Policy', PERMISSIONS_POLICY);
    // The time that footage is labelled with: pages measure their own clock against it.
    void reply.header('Date', new Date(services.time.wallMs()).toUTCString());
    const { method, headers } = request;
    const { remoteAddress, localAddress } = request.socket;
    const secure = request.protocol === 'https';
    const source = { method, headers, secure, remoteAddress };
    checkRequestOrigin(source, config.hostNames, config.networks);
    refuseServiceWorkers(request.url.split('?')[0] ?? '', request.headers);
    checkAccess(request, services.auth);
    if (request.identity?.role === 'owner') config.ownerCameBy?.(request.headers.host ?? '');
    if (
      services.firstSteps.awaitsPhone &&
      request.identity !== null &&
      isFromAnotherMachine({ secure, remoteAddress, localAddress })
    ) {
      services.firstSteps.phoneCame();
    }
    done();
  });
  const answers = new OpenAnswers(services);
  const stopListening = services.auth.onAccessChanged(() => {
    answers.recheck();
  });
  api.addHook('onClose', (_api, done) => {
    stopListening();
    done();
  });
  api.addHook('preHandler', (request, reply, done) => {
    // After the schema, because a body names its camera, too.
    checkObject(request, services);
    answers.watch(request, reply);
    done();
  });
  api.addHook('onResponse', (request, reply, done) => {
    log.info(
      {
        method: request.method,
        route: routeOf(request),
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
    done();
  });
}
