/** A camera's source as the database keeps it (`camera.source_json`): resolved, without secrets. */
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { AppError } from '../base/errors.ts';
import type { ShownSource } from '../contract/camera.ts';
import { strictObject } from '../contract/schema.ts';
import type { RelayTarget } from '../rtsp/relay.ts';

const StoredStream = strictObject({
  tls: Type.Boolean(),
  /** As typed; a name is never resolved again. */
  host: Type.String(),
  /** The address that the name had when it was typed. */
  address: Type.String(),
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  /** Path and query exactly as typed. */
  path: Type.String(),
  /** `rtsps` only: SHA-256 fingerprint of the certificate seen when the camera was added. */
  fingerprint256: Type.Optional(Type.String()),
});

/** One stream's place. */
export type StoredStream = Static<typeof StoredStream>;

const StoredSource = strictObject({
  type: Type.Literal('rtsp'),
  main: StoredStream,
  sub: Type.Optional(StoredStream),
  /** How the camera asked for the password. Once `digest`, a Basic question is an attack. */
  authentication: Type.Union([Type.Literal('unknown'), Type.Literal('digest')]),
});

/** See the head of this file. */
export type StoredSource = Static<typeof StoredSource>;

/** Reads `source_json`. Throws `corrupt` when the row is not what this program wrote. */
export function parseStoredSource(json: string): StoredSource {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new AppError('corrupt', 'a camera’s stored source cannot be read', { cause });
  }
  if (!Value.Check(StoredSource, value)) {
    throw new AppError('corrupt', 'a camera’s stored source has another shape than expected');
  }
  return value;
}

/** The address as it is shown: scheme, host, port unless it is the usual one, path. */
export function shownUrl(stream: StoredStream): string {
  const host = stream.host.includes(':') ? `[${stream.host}]` : stream.host;
  const usual = stream.tls ? 322 : 554;
  const port = stream.port === usual ? '' : `:${String(stream.port)}`;
  return `${stream.tls ? 'rtsps' : 'rtsp'}://${host}${port}${stream.path}`;
}

/** What people are shown of a source. */
export function shownSource(source: StoredSource, username: string | undefined): ShownSource {
  return {
    type: 'rtsp',
    url: shownUrl(source.main),
    ...(source.sub === undefined ? {} : { subUrl: shownUrl(source.sub) }),
    ...(username === undefined ? {} : { username }),
  };
}

/** Where the relay connects to. */
export function relayTarget(stream: StoredStream): RelayTarget {
  const { address, port, tls, path, host, fingerprint256 } = stream;
  return {
    ...{ address, port, tls, path, hostForUri: host },
    ...(fingerprint256 === undefined ? {} : { fingerprint256 }),
  };
}
