/**
 * Where common makers keep a camera's picture, and how their apps let it out. The paths are what
 * their manuals and the cameras themselves say; a camera that differs is given by its full address.
 */

/** One maker. */
export interface Maker {
  readonly name: string;
  /** Where it is not the usual one (RFC 7826 20.1: 554). */
  readonly port?: number;
  /** What follows the host: the large picture, and the small one where there is one. */
  readonly path: string;
  readonly subPath?: string;
  /** Where to look, one sentence. */
  readonly advice: string;
}

/** The makers of most doorbells that serve a picture at home, by name. */
export const MAKERS: readonly Maker[] = [
  {
    name: 'Amcrest or Dahua',
    path: '/cam/realmonitor?channel=1&subtype=0',
    subPath: '/cam/realmonitor?channel=1&subtype=1',
    advice: 'The name is admin; the password is the one you gave the camera in its app.',
  },
  {
    name: 'DoorBird',
    port: 8557,
    path: '/mpeg/720p/media.amp',
    advice: 'The name and password are on its “digital passport”, a sheet that came with it.',
  },
  {
    name: 'Hikvision',
    path: '/Streaming/Channels/101',
    subPath: '/Streaming/Channels/102',
    advice: 'Switch “stream encryption” off in its app, or no picture can be read.',
  },
  {
    name: 'Reolink',
    path: '/h264Preview_01_main',
    subPath: '/h264Preview_01_sub',
    advice: 'In its app: Settings, Network, Advanced, Server Settings: switch RTSP on.',
  },
  {
    name: 'Tapo or VIGI',
    path: '/stream1',
    subPath: '/stream2',
    advice: 'In its app: Settings, Advanced, Camera Account: make a name and a password there.',
  },
];

/** What a person typed, made into addresses. */
export interface TypedAddress {
  readonly url: string;
  readonly subUrl: string | undefined;
}

/** Whether only a host was typed, perhaps with a port: then the maker has to be known as well. */
export function isBareHost(typed: string): boolean {
  return /^[\w.-]+(:\d{1,5})?$|^\[[0-9a-f:.%\w]+\](:\d{1,5})?$/i.test(typed.trim());
}

/** The addresses to try. What is a whole address already stays as it is; `subUrl` as typed wins. */
export function typedAddress(
  typed: string,
  maker: Maker | undefined,
  typedSub: string,
): TypedAddress {
  const text = typed.trim();
  const sub = typedSub.trim() === '' ? undefined : typedSub.trim();
  if (!isBareHost(text) || maker === undefined) return { url: text, subUrl: sub };
  const port = maker.port === undefined || /:\d+$/.test(text) ? '' : `:${String(maker.port)}`;
  const base = `rtsp://${text}${port}`;
  return {
    url: base + maker.path,
    subUrl: sub ?? (maker.subPath === undefined ? undefined : base + maker.subPath),
  };
}

/** An address with what was inside it taken out. */
export interface SplitAddress {
  readonly address: string;
  readonly username: string;
  readonly password: string;
}

/** Takes name and password out of a pasted address, so that the password does not stand on the
 * screen; undefined when there is none in it, or it cannot be read for certain. */
export function splitLogin(typed: string): SplitAddress | undefined {
  const match = /^(rtsps?:\/\/)([^:@/?]+):([^/?]*)@([^@/?]+.*)$/i.exec(typed.trim());
  const [, scheme, username, password, rest] = match ?? [];
  if (scheme === undefined || username === undefined || password === undefined) return undefined;
  try {
    return {
      address: scheme + (rest ?? ''),
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
    };
  } catch {
    // "100%" as it is typed: the box knows what to do with it.
    return undefined;
  }
}

/** The host in an address, for "Waiting for 192.168.1.20"; what was typed when there is none. */
export function hostIn(typed: string): string {
  const rest = typed.trim().replace(/^[a-z]+:\/\//i, '');
  const authority = rest.split(/[/?]/)[0] ?? '';
  return authority.slice(authority.lastIndexOf('@') + 1) || 'the camera';
}
