/** From what an owner typed to a source that can be connected to: parsed, resolved once, allowed. */
import { AppError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';
import type { CameraSource, RtspSource, RtspSourcePatch } from '../contract/camera.ts';
import { resolveCameraHost, type ResolveOptions } from '../egress/resolve.ts';
import { parseCameraUrl, type CameraUrl } from '../rtsp/camera-url.ts';
import type { CameraCredentials } from './camera-credentials.ts';
import { shownUrl, type StoredSource, type StoredStream } from './stored-source.ts';

/** A source with the credentials that go with it. */
export interface ResolvedSource {
  readonly source: StoredSource;
  readonly credentials: CameraCredentials | undefined;
}

/** What resolving a name needs; the port comes from the address. */
export type Resolver = Omit<ResolveOptions, 'port'>;

/** Throws `unprocessable` with one sentence that says what is wrong and what to do. */
export async function resolveTypedSource(
  typed: CameraSource,
  resolver: Resolver,
): Promise<ResolvedSource> {
  if (typed.type === 'onvif') {
    throw new AppError('unprocessable', 'Doorkeep cannot find a camera’s picture by itself yet.', {
      reason: 'onvif-not-there-yet',
      hint: 'Give the full rtsp:// address instead; the camera’s manual or app shows it.',
    });
  }
  const mainUrl = parseCameraUrl(typed.url);
  const subUrl = typed.subUrl === undefined ? undefined : parseCameraUrl(typed.subUrl);
  if (subUrl !== undefined && subUrl.host !== mainUrl.host) throw subElsewhere();
  const main = await resolveStream(mainUrl, resolver);
  const sub = subUrl === undefined ? undefined : await resolveStream(subUrl, resolver);
  return {
    source: {
      ...{ type: 'rtsp', main, authentication: 'unknown' },
      ...(sub === undefined ? {} : { sub }),
    },
    credentials: credentialsOf(typed, mainUrl),
  };
}

/**
 * A stored source with a patch laid over it, as an owner would have typed it. A stored password
 * never goes to another host: with a new host and no new password the old one is dropped.
 */
export function patchedSource(
  stored: StoredSource,
  credentials: CameraCredentials | undefined,
  patch: RtspSourcePatch,
): RtspSource {
  const url = patch.url ?? shownUrl(stored.main);
  const subUrl =
    patch.subUrl === undefined ? stored.sub && shownUrl(stored.sub) : (patch.subUrl ?? undefined);
  const sameHost = parseCameraUrl(url).host === stored.main.host;
  const kept = sameHost ? credentials : undefined;
  const username = patch.username === undefined ? kept?.username : (patch.username ?? undefined);
  const password =
    patch.password === undefined ? kept?.password.reveal() : (patch.password ?? undefined);
  return {
    ...{ type: 'rtsp', url },
    ...(subUrl === undefined ? {} : { subUrl }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

async function resolveStream(url: CameraUrl, resolver: Resolver): Promise<StoredStream> {
  const { tls, host, port, path } = url;
  const address = await resolveCameraHost(host, { ...resolver, port });
  return { tls, host, address, port, path };
}

/** Fields win over the address; an empty user name with a password is what some cameras want. */
function credentialsOf(typed: RtspSource, url: CameraUrl): CameraCredentials | undefined {
  const username = typed.username ?? url.credentials?.username;
  const password =
    typed.password === undefined ? url.credentials?.password : new Secret(typed.password);
  if (username === undefined && password === undefined) return undefined;
  return { username: username ?? '', password: password ?? new Secret('') };
}

function subElsewhere(): AppError {
  return new AppError('unprocessable', 'The small picture’s address names another device.', {
    reason: 'sub-elsewhere',
    hint: 'Both addresses of one camera begin with the same host; only what follows differs.',
  });
}
