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
  if (subUrl !== undefined && subUrl.host.toLowerCase() !== mainUrl.host.toLowerCase()) {
    throw subElsewhere();
  }
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

/** A stored source with a patch laid over it. */
export interface PatchedSource {
  /** As an owner would have typed it. */
  readonly typed: RtspSource;
  /** The same camera, and nobody typed its password anew: what was learnt of it goes on holding. */
  readonly isKnown: boolean;
}

/**
 * Lays a patch over a stored source. A stored password never goes anywhere but to the scheme, host
 * and port that it was typed for: with another one and no new password it is dropped. What is typed
 * wins, in a field or in an address.
 */
export function patchedSource(
  stored: StoredSource,
  credentials: CameraCredentials | undefined,
  patch: RtspSourcePatch,
): PatchedSource {
  const url = patch.url ?? shownUrl(stored.main);
  const subUrl =
    patch.subUrl === undefined ? stored.sub && shownUrl(stored.sub) : (patch.subUrl ?? undefined);
  const main = parseCameraUrl(url);
  const known = new Set([originOf(stored.main), stored.sub && originOf(stored.sub)]);
  const isSameCamera =
    known.has(originOf(main)) &&
    (subUrl === undefined || known.has(originOf(parseCameraUrl(subUrl))));
  const kept = isSameCamera && main.credentials === undefined ? credentials : undefined;
  const username = patch.username === undefined ? kept?.username : (patch.username ?? undefined);
  const password =
    patch.password === undefined ? kept?.password.reveal() : (patch.password ?? undefined);
  return {
    typed: {
      ...{ type: 'rtsp', url },
      ...(subUrl === undefined ? {} : { subUrl }),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    },
    isKnown: isSameCamera && main.credentials === undefined && patch.password === undefined,
  };
}

/** A source with what was learnt of the same camera before: its certificates, and that it asks for
 * the password by Digest. Without it, a change of the path would open both to an impostor. */
export function withKnown(source: StoredSource, before: StoredSource): StoredSource {
  const pinned = (stream: StoredStream): StoredStream => {
    const same = [before.main, before.sub].find(
      (known) => known !== undefined && originOf(known) === originOf(stream),
    );
    return same?.fingerprint256 === undefined
      ? stream
      : { ...stream, fingerprint256: same.fingerprint256 };
  };
  return {
    ...source,
    main: pinned(source.main),
    ...(source.sub === undefined ? {} : { sub: pinned(source.sub) }),
    authentication: before.authentication,
  };
}

/** Whom a connection reaches, and how well it is protected. */
function originOf({ tls, host, port }: Pick<CameraUrl, 'tls' | 'host' | 'port'>): string {
  return `${tls ? 'rtsps' : 'rtsp'} ${host.toLowerCase()} ${String(port)}`;
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
