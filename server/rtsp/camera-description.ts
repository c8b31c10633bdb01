/** What a camera says it offers, in requests and addresses that name nobody but the camera. */
import { nonsenseError, statusError } from './camera-errors.ts';
import type { CameraLink } from './camera-link.ts';
import { hostForUrl } from './camera-url.ts';
import { parseSdp, type Sdp, type SdpMedia } from './sdp.ts';

/** Where the camera is: what the owner stored. */
export interface RelayTarget {
  /** The pinned literal address. */
  address: string;
  port: number;
  /** `rtsps`. */
  tls: boolean;
  /** Path and query exactly as typed; begins with `/`. */
  path: string;
  /** The host as typed, without brackets; text in request lines, never resolved. */
  hostForUri: string;
  /** With `tls`: the certificate seen when the camera was added. */
  fingerprint256?: string;
}

/** One medium as the camera announced it. */
export interface MediaSummary {
  /** RFC 4855 name in upper case: H264, H265, JPEG, MPEG4-GENERIC (AAC), PCMU, L16, … */
  encoding: string;
  /** RTP ticks per second. */
  clockRate: number;
  /** Of sound; 1 unless said. */
  channels: number;
}

/** What the camera announced, whether it is relayed or not. */
export interface Announced {
  video: MediaSummary | undefined;
  audio: MediaSummary | undefined;
}

/** What was asked and found out before ffmpeg exists. */
export interface CameraDescription {
  readonly announced: Announced;
  /** The sections to relay; their control URLs are what SETUP names. */
  readonly video: SdpMedia | undefined;
  readonly audio: SdpMedia | undefined;
  /** What PLAY and TEARDOWN name. */
  readonly playUrl: string;
  /** The camera understands GET_PARAMETER. */
  readonly getParameter: boolean;
}

/** Asks OPTIONS and DESCRIBE. Throws what the camera's refusal or nonsense means to the owner. */
export async function describeCamera(
  link: CameraLink,
  target: RelayTarget,
): Promise<CameraDescription> {
  const uri = targetUri(target);
  // Whatever the answer is: cameras that do not know OPTIONS know DESCRIBE.
  const options = await link.ask('OPTIONS', uri);
  const response = await link.ask('DESCRIBE', uri, [['Accept', 'application/sdp']]);
  const error = statusError(response);
  if (error !== undefined) throw error;
  const { headers, body } = response;
  const base = headers.get('Content-Base') ?? headers.get('Content-Location') ?? uri;
  const sdp = readSdp(body.toString('latin1'), base, target);
  const { video, audio } = chooseMedia(sdp);
  return {
    announced: { video: summary(video), audio: summary(audio) },
    video,
    audio,
    playUrl: sdp.controlUrl,
    getParameter: /\bGET_PARAMETER\b/i.test(options.headers.get('Public') ?? ''),
  };
}

// Every address in it is moved to the host that the owner typed: cameras write 0.0.0.0, or what
// they are called behind a router, and no request line names a stranger.
function readSdp(text: string, base: string, target: RelayTarget): Sdp {
  const pinned = (url: string): string => pinHost(url, target);
  const usable = /^rtsps?:\/\/[\x21-\x7e]+$/i.test(base) ? base : targetUri(target);
  try {
    const sdp = parseSdp(text, pinned(usable));
    return {
      controlUrl: pinned(sdp.controlUrl),
      media: sdp.media.map((section) => ({ ...section, controlUrl: pinned(section.controlUrl) })),
    };
  } catch (cause) {
    throw nonsenseError(cause);
  }
}

/** The URL of a target as it stands in request lines: the default port is left out. */
function targetUri(target: RelayTarget): string {
  return `${authority(target)}${target.path}`;
}

function authority({ tls, hostForUri, port }: RelayTarget): string {
  const standard = tls ? 322 : 554;
  const portText = port === standard ? '' : `:${String(port)}`;
  return `${tls ? 'rtsps' : 'rtsp'}://${hostForUrl(hostForUri)}${portText}`;
}

function pinHost(url: string, target: RelayTarget): string {
  return url.replace(/^rtsps?:\/\/[^/?]*/i, () => authority(target));
}

function chooseMedia(sdp: Sdp): { video: SdpMedia | undefined; audio: SdpMedia | undefined } {
  const usable = sdp.media.filter(({ protocol, source }) => source && !/SAVP/i.test(protocol));
  const videos = usable.filter(({ kind }) => kind === 'video');
  return {
    video: videos.find(({ encoding }) => /^H26[45]$/.test(encoding)) ?? videos[0],
    audio: usable.find(({ kind }) => kind === 'audio'),
  };
}

function summary(section: SdpMedia | undefined): MediaSummary | undefined {
  if (section === undefined) return undefined;
  const { encoding, clockRate, channels } = section;
  return { encoding, clockRate, channels };
}
