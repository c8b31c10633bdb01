/** The part of SDP that a recorder of cameras needs (RFC 8866, RFC 2326 appendix C). Pure. */
import { AppError } from '../base/errors.ts';

/** One `m=` section. */
export interface SdpMedia {
  /** `video`, `audio`, `application`, … */
  readonly kind: string;
  /** `RTP/AVP` or what else it says. */
  readonly protocol: string;
  readonly payloadType: number;
  /** RFC 4855 name in upper case: `H264`, `MPEG4-GENERIC`, `PCMU`. */
  readonly encoding: string;
  /** RTP ticks per second. */
  readonly clockRate: number;
  readonly channels: number;
  /** Joined with the base: what SETUP names. */
  readonly controlUrl: string;
  /** False for `a=sendonly`, seen from us: a loudspeaker to talk to, not a source
   * (ONVIF Streaming Specification 5.3). */
  readonly source: boolean;
  /** The attribute lines that a decoder needs, without `a=`. */
  readonly attributes: readonly string[];
}

/** A description. */
export interface Sdp {
  /** What PLAY and TEARDOWN name. */
  readonly controlUrl: string;
  readonly media: readonly SdpMedia[];
}

/** A camera has one to five sections; a sixteenth is an attack on whoever loops over them. */
const MEDIA_MAX = 16;
/** Attribute lines kept per section: rtpmap, fmtp and a few sizes. */
const ATTRIBUTES_MAX = 16;
/** Longer URLs than this are not answered by any camera either. */
const CONTROL_MAX_CHARS = 2048;

/** What ffmpeg reads of a section; everything else stays behind. */
const KEPT = /^(?:rtpmap|fmtp|framerate|framesize|cliprect|x-dimensions):/;

// RFC 3551 6: payload types that need no rtpmap.
const STATIC_TYPES = new Map<number, readonly [string, number, number]>([
  [0, ['PCMU', 8_000, 1]],
  [3, ['GSM', 8_000, 1]],
  [4, ['G723', 8_000, 1]],
  [5, ['DVI4', 8_000, 1]],
  [8, ['PCMA', 8_000, 1]],
  [9, ['G722', 8_000, 1]],
  [10, ['L16', 44_100, 2]],
  [11, ['L16', 44_100, 1]],
  [14, ['MPA', 90_000, 1]],
  [26, ['JPEG', 90_000, 1]],
  [32, ['MPV', 90_000, 1]],
  [33, ['MP2T', 90_000, 1]],
]);

/**
 * Parses a description; `baseUrl` is the Content-Base, Content-Location or request URL. Lines that
 * make no sense are left out. Throws `corrupt` when it is no description, or passes a limit.
 */
export function parseSdp(text: string, baseUrl: string): Sdp {
  const [head = [], ...sections] = splitSections(text);
  if (!head.some((line) => line.startsWith('v='))) throw badSdp('it does not begin with v=');
  if (sections.length > MEDIA_MAX) throw badSdp(`more than ${String(MEDIA_MAX)} sections`);
  const aggregate = attribute(head, 'control') ?? '*';
  const controlUrl = joinControl(baseUrl, aggregate);
  // Sections join an absolute session control, as FFmpeg has it; a relative one names PLAY only.
  const sectionBase = /^rtsps?:/i.test(aggregate) ? controlUrl : baseUrl;
  const media = sections
    .map((lines) => parseMedia(lines, controlUrl, sectionBase))
    .filter((section) => section !== undefined);
  return { controlUrl, media };
}

/**
 * A control attribute joined with its base (RFC 2326 C.1.1). Appended, not merged by RFC 3986: bases
 * end in a query (`…?channel=1&subtype=0`) and cameras expect `…&subtype=0/trackID=1`.
 */
export function joinControl(base: string, control: string): string {
  if (control.length > CONTROL_MAX_CHARS || base.length > CONTROL_MAX_CHARS) {
    throw badSdp('a control address without end');
  }
  if (/[^\x21-\x7e]/.test(control)) throw badSdp('a control address with a space in it');
  if (control === '*' || control === '') return base;
  if (/^rtsps?:\/\//i.test(control)) return control;
  if (control.startsWith('/')) return `${/^rtsps?:\/\/[^/?]*/i.exec(base)?.[0] ?? ''}${control}`;
  return base.endsWith('/') ? `${base}${control}` : `${base}/${control}`;
}

/** Writes the description that ffmpeg is given: section `i` of `media` is controlled as `track<i>`,
 * and no line names an address. */
export function writeSdp(media: readonly SdpMedia[]): string {
  const lines = [
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    'a=control:*',
  ];
  media.forEach((section, index) => {
    lines.push(
      `m=${section.kind} 0 RTP/AVP ${String(section.payloadType)}`,
      ...section.attributes.map((text) => `a=${text}`),
      `a=control:track${String(index)}`,
    );
  });
  return `${lines.join('\r\n')}\r\n`;
}

// The session's lines, then each section's with its m= line first.
function splitSections(text: string): string[][] {
  const sections: string[][] = [[]];
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line.startsWith('m=')) sections.push([]);
    if (line !== '') sections.at(-1)?.push(line);
  }
  return sections;
}

function parseMedia(
  lines: readonly string[],
  aggregateUrl: string,
  baseUrl: string,
): SdpMedia | undefined {
  // m=<kind> <port>[/<count>] <protocol> <payload types…>
  const match = /^m=(\w+) \d+(?:\/\d+)? (\S+) (\d{1,3})\b/.exec(lines[0] ?? '');
  const [, kind, protocol, type] = match ?? [];
  if (kind === undefined || protocol === undefined || type === undefined) return undefined;
  const payloadType = Number(type);
  if (payloadType > 127) return undefined;
  const mapped = rtpmap(lines, payloadType) ?? STATIC_TYPES.get(payloadType);
  const [encoding, clockRate, channels] = mapped ?? ['', kind === 'audio' ? 8_000 : 90_000, 1];
  const control = attribute(lines, 'control');
  return {
    kind: kind.toLowerCase(),
    protocol,
    payloadType,
    encoding,
    clockRate,
    channels,
    controlUrl: control === undefined ? aggregateUrl : joinControl(baseUrl, control),
    // Only where a back channel can be: some cameras write `sendonly`, from their side, on pictures.
    source: !(kind.toLowerCase() === 'audio' && isSendOnly(lines)),
    attributes: keptAttributes(lines, payloadType),
  };
}

function rtpmap(
  lines: readonly string[],
  payloadType: number,
): readonly [string, number, number] | undefined {
  for (const line of lines) {
    const match = /^a=rtpmap:\s*(\d+)\s+([\w.+-]+)\/(\d{1,9})(?:\/(\d{1,3}))?/i.exec(line);
    if (match === null || Number(match[1]) !== payloadType) continue;
    const clockRate = Number(match[3]);
    if (clockRate === 0) continue;
    return [(match[2] ?? '').toUpperCase(), clockRate, Math.max(1, Number(match[4] ?? 1))];
  }
  return undefined;
}

// Of the payload type that is used; an fmtp of another one would only confuse.
function keptAttributes(lines: readonly string[], payloadType: number): string[] {
  return lines
    .filter((line) => line.startsWith('a='))
    .map((line) => line.slice(2))
    .filter((text) => KEPT.test(text) && !/[^\t\x20-\x7e]/.test(text))
    .filter((text) => {
      const forType = /^(?:rtpmap|fmtp):\s*(\d+)/.exec(text)?.[1];
      return forType === undefined || Number(forType) === payloadType;
    })
    .slice(0, ATTRIBUTES_MAX);
}

function attribute(lines: readonly string[], name: string): string | undefined {
  const prefix = `a=${name}:`;
  return lines
    .find((line) => line.toLowerCase().startsWith(prefix))
    ?.slice(prefix.length)
    .trim();
}

function isSendOnly(lines: readonly string[]): boolean {
  return lines.some((line) => /^a=sendonly$/i.test(line));
}

function badSdp(detail: string): AppError {
  return new AppError('corrupt', 'The camera’s description of its pictures makes no sense.', {
    reason: 'corrupt',
    cause: new Error(detail),
    hint: 'Update or restart the camera. If this stays, another address of it may work.',
  });
}
