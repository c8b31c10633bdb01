/** The camera address that an owner typed or pasted. Pure. */
import { AppError } from '../base/errors.ts';
import { Secret } from '../base/secret.ts';

/** A camera address in its parts. Nothing in it but `credentials` is secret. */
export interface CameraUrl {
  /** `rtsps`: RTSP over TLS (RFC 7826 19.2). */
  tls: boolean;
  /** A name or a literal address without brackets; not resolved, not judged. */
  host: string;
  port: number;
  /** Path and query exactly as typed; begins with `/`. */
  path: string;
  credentials: { username: string; password: Secret } | undefined;
}

/** Longer than any camera's address; the API's schema says the same. */
const URL_MAX_CHARS = 2048;
/** RFC 1035 2.3.4. */
const HOST_MAX_CHARS = 253;

const EXAMPLE = 'An address looks like rtsp://192.168.1.20:554/stream1.';

/**
 * Splits what was typed. White space around it is forgiven, everything else is refused with a
 * sentence: throws `unprocessable` with the reason `not-rtsp` or `bad-url`. User name and password
 * are percent-decoded; one that cannot be decoded is taken as it stands.
 */
export function parseCameraUrl(text: string): CameraUrl {
  const typed = text.replaceAll(/^ +| +$/g, '');
  const scheme = checkText(typed);
  const rest = typed.slice(scheme.length + '://'.length);
  const pathStart = rest.search(/[/?]/);
  const authority = pathStart < 0 ? rest : rest.slice(0, pathStart);
  const tail = pathStart < 0 ? '' : rest.slice(pathStart);
  // The last @: passwords hold unescaped ones.
  const at = authority.lastIndexOf('@');
  const { host, port } = splitHost(authority.slice(at + 1));
  const tls = scheme.toLowerCase() === 'rtsps';
  return {
    tls,
    host,
    port: port ?? (tls ? 322 : 554),
    path: tail.startsWith('/') ? tail : `/${tail}`,
    credentials: at < 0 ? undefined : splitUserinfo(authority.slice(0, at)),
  };
}

// Returns the scheme as typed.
function checkText(typed: string): string {
  if (typed.length > URL_MAX_CHARS) throw badUrl('The address is too long.', EXAMPLE);
  if (/[\p{Cc}\u2028\u2029]/u.test(typed)) {
    throw badUrl(
      'The address contains a line break or another character that cannot be seen.',
      'Copy it again as one line.',
    );
  }
  if (typed.startsWith('-')) throw badUrl('An address cannot begin with “-”.', EXAMPLE);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(typed)?.[1];
  if (scheme === undefined || !/^rtsps?$/i.test(scheme)) {
    const given = /^([a-z][a-z0-9+.-]*):/i.exec(typed)?.[1];
    throw new AppError(
      'unprocessable',
      given === undefined || /^rtsps?$/i.test(given) || typed.includes('@')
        ? 'This is not the address of a camera’s picture.'
        : `Doorkeep cannot use ${given.slice(0, 20)}: addresses.`,
      { reason: 'not-rtsp', hint: `It has to begin with rtsp://. ${EXAMPLE}` },
    );
  }
  if (/[^\x21-\x7e]/.test(typed)) {
    throw badUrl(
      'The address contains a space or a letter that addresses cannot hold.',
      'Write user name and password in their own fields instead of in the address.',
    );
  }
  if (typed.includes('#')) {
    throw badUrl(
      'The address contains “#”.',
      'Leave out what follows it; in a password, write %23, or use the password field.',
    );
  }
  return scheme;
}

function splitHost(text: string): { host: string; port: number | undefined } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(text);
  const written = match?.[1];
  if (match === null || written === undefined) {
    throw badUrl(
      'The part after the user name and password is not a host and a port.',
      'A password with / or ? in it goes into the password field, not into the address.',
    );
  }
  const host = written.startsWith('[') ? bracketed(written) : written;
  if (host === '') throw badUrl('The address names no camera.', EXAMPLE);
  if (host.length > HOST_MAX_CHARS || host.startsWith('-') || !/^[\w.:%-]+$/.test(host)) {
    throw badUrl('The camera’s name in the address holds characters that names cannot.', EXAMPLE);
  }
  const port = match[2] === undefined || match[2] === '' ? undefined : Number(match[2]);
  if (port !== undefined && (port < 1 || port > 65_535)) {
    throw badUrl('The port in the address is not between 1 and 65535.', EXAMPLE);
  }
  return { host, port };
}

// RFC 6874 writes a zone as %25eth0; people write %eth0.
function bracketed(written: string): string {
  const inner = written.slice(1, -1);
  if (!inner.includes(':')) throw badUrl('The address in [ ] is not an IPv6 address.', EXAMPLE);
  return inner.replace('%25', '%');
}

function splitUserinfo(userinfo: string): CameraUrl['credentials'] {
  const colon = userinfo.indexOf(':');
  const username = decode(colon < 0 ? userinfo : userinfo.slice(0, colon));
  const password = decode(colon < 0 ? '' : userinfo.slice(colon + 1));
  if (/\p{Cc}/u.test(username + password)) {
    throw badUrl('The user name or password in the address contains a line break.', EXAMPLE);
  }
  // RFC 7617 2: the first colon ends the user name, so none can be part of it.
  if (username.includes(':')) throw badUrl('The user name in the address contains “:”.', EXAMPLE);
  return { username, password: new Secret(password) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // "100%": somebody typed the password as it is.
    return text;
  }
}

function badUrl(message: string, hint: string): AppError {
  return new AppError('unprocessable', message, { reason: 'bad-url', hint });
}

/** A host as a URL spells it: brackets around IPv6, and no zone, which means nothing elsewhere. */
export function hostForUrl(host: string): string {
  return host.includes(':') ? `[${host.replace(/%.*$/, '')}]` : host;
}
