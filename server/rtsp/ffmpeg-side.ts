/** The relay as ffmpeg sees it: an RTSP server for one client, that speaks of loopback only. */
import type { Socket } from 'node:net';
import { AppError } from '../base/errors.ts';
import { statusError } from './camera-errors.ts';
import type { CameraLink } from './camera-link.ts';
import { RtspParser, type RtspRequest, type RtspResponse, writeResponse } from './message.ts';
import { type SdpMedia, writeSdp } from './sdp.ts';

/** ffmpeg's name for what was set up; the camera's own stays on the camera's side. */
const SET_UP_ID = '1';
/** RFC 7826 18.49. */
const DEFAULT_TIMEOUT_S = 60;
/** ffmpeg asks again after half the timeout; below 10 s that is chatter, above 120 s cameras that
 * count on packets instead may have forgotten us. */
const TIMEOUT_RANGE_S = [10, 120] as const;

/** What ffmpeg is served with. */
export interface FfmpegSideOptions {
  readonly socket: Socket;
  readonly link: CameraLink;
  /** `rtsp://127.0.0.1:PORT/TOKEN`: the only address ffmpeg may ask for. */
  readonly url: string;
  /** The sections that are offered, in order. */
  readonly media: readonly SdpMedia[];
  /** What PLAY names on the camera's side. */
  readonly playUrl: string;
  /** The camera understands GET_PARAMETER, so ffmpeg may use it to keep alive. */
  readonly getParameter: boolean;
  readonly onFailure: (error: AppError) => void;
  /** ffmpeg is done. */
  readonly onGone: () => void;
}

/** Serves ffmpeg's requests until one side ends. */
export class FfmpegSide {
  readonly #options: FfmpegSideOptions;
  readonly #parser = new RtspParser();
  #playing = false;
  #bytes = 0;

  constructor(options: FfmpegSideOptions) {
    this.#options = options;
  }

  /** Media passed on since the start. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Begins to read. */
  start(): void {
    const { socket, onGone, onFailure } = this.#options;
    // Requests and answers are small and waited for: Nagle would hold them back 40 ms each.
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const item of this.#parser.push(chunk)) {
          // Frames would be receiver reports: they name this box and a clock the camera never had.
          if (item.kind === 'request') this.#request(item);
        }
      } catch (cause) {
        onFailure(misbehaved(cause));
      }
    });
    socket.on('error', onGone);
    socket.on('close', onGone);
  }

  /** Passes media on; false when ffmpeg is behind and the camera should wait for `drain`. */
  media(bytes: Buffer): boolean {
    if (!this.#playing) return true;
    this.#bytes += bytes.length;
    // A copy, because the socket may keep it for later, and the camera's read buffer is reused.
    return this.#options.socket.write(Buffer.from(bytes));
  }

  #request(request: RtspRequest): void {
    const { url, link, onGone, onFailure } = this.#options;
    if (request.uri !== url && !request.uri.startsWith(`${url}/`)) {
      // Whoever it is, it was not given this address.
      onFailure(misbehaved(new Error('a request for another address')));
      return;
    }
    switch (request.method) {
      case 'OPTIONS':
      case 'GET_PARAMETER':
        if (this.#playing) this.#keepAlive(request);
        else this.#reply(request, [['Public', this.#methods()]]);
        return;
      case 'DESCRIBE':
        this.#describe(request);
        return;
      case 'SETUP':
        this.#setUp(request);
        return;
      case 'PLAY':
        this.#play(request);
        return;
      case 'TEARDOWN':
        link.sayGoodbye(this.#options.playUrl);
        onGone();
        return;
      default:
        onFailure(misbehaved(new Error(`a ${request.method} request`)));
    }
  }

  #methods(): string {
    const always = 'OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN';
    return this.#options.getParameter ? `${always}, GET_PARAMETER` : always;
  }

  #describe(request: RtspRequest): void {
    const { url, media } = this.#options;
    const body = Buffer.from(writeSdp(media));
    this.#reply(
      request,
      [
        ['Content-Base', `${url}/`],
        ['Content-Type', 'application/sdp'],
      ],
      body,
    );
  }

  #setUp(request: RtspRequest): void {
    const { link, media, url, onFailure } = this.#options;
    const index = Number(/\/track(\d{1,2})$/.exec(request.uri.slice(url.length))?.[1]);
    const section = media[index];
    if (section === undefined) {
      onFailure(misbehaved(new Error('SETUP of what was not offered')));
      return;
    }
    const wanted = [2 * index, 2 * index + 1] as const;
    link.send({
      method: 'SETUP',
      uri: section.controlUrl,
      headers: [['Transport', transport(wanted)]],
      mustAnswer: true,
      onResponse: (response) => {
        const error = statusError(response) ?? notInterleaved(response);
        if (error !== undefined) {
          onFailure(error);
          return;
        }
        const channels = interleavedChannels(response) ?? wanted;
        const { id, timeoutS } = readSetUp(response);
        link.setUpId = id ?? link.setUpId;
        link.path.setChannels(index, channels);
        this.#reply(request, [
          ['Transport', transport(channels)],
          ['Session', `${SET_UP_ID};timeout=${String(timeoutS)}`],
        ]);
      },
    });
  }

  #play(request: RtspRequest): void {
    const { link, playUrl, onFailure } = this.#options;
    link.send({
      method: 'PLAY',
      uri: playUrl,
      headers: [['Range', 'npt=0.000-']],
      mustAnswer: true,
      onResponse: (response) => {
        const error = statusError(response);
        if (error !== undefined) {
          onFailure(error);
          return;
        }
        const info = this.#rtpInfo(response.headers.get('RTP-Info'));
        this.#reply(request, [
          ['Session', SET_UP_ID],
          ...(info === '' ? [] : [['RTP-Info', info] as const]),
        ]);
        // From here on, and not before: ffmpeg throws away what comes ahead of this answer.
        this.#playing = true;
      },
    });
  }

  // Forwarded, so that the camera hears from us; ffmpeg gets 200 whatever the camera thinks of it,
  // because the media says better whether it is alive.
  #keepAlive(request: RtspRequest): void {
    const { link, playUrl } = this.#options;
    link.send({
      method: request.method,
      uri: playUrl,
      mustAnswer: false,
      onResponse: () => {
        this.#reply(request, [['Session', SET_UP_ID]]);
      },
    });
  }

  // RFC 2326 12.33. ffmpeg aligns the tracks' first timestamps by it.
  #rtpInfo(value: string | undefined): string {
    const { media, url } = this.#options;
    const entries = (value ?? '').split(',').map((entry) => ({
      url: /url="?([^;"\s]+)/i.exec(entry)?.[1] ?? '',
      seq: /;\s*seq=(\d{1,5})\b/i.exec(entry)?.[1],
      time: /;\s*rtptime=(\d{1,10})\b/i.exec(entry)?.[1],
    }));
    return media
      .map(({ controlUrl }, index) => {
        const tail = controlUrl.slice(controlUrl.lastIndexOf('/'));
        const found = entries.find((entry) => entry.url !== '' && `/${entry.url}`.endsWith(tail));
        if (found?.seq === undefined || found.time === undefined) return '';
        return `url=${url}/track${String(index)};seq=${found.seq};rtptime=${found.time}`;
      })
      .filter((entry) => entry !== '')
      .join(',');
  }

  // In order with media: this runs before PLAY's answer, or between two frames of the camera.
  #reply(
    request: RtspRequest,
    headers: readonly (readonly [string, string])[],
    body?: Buffer,
  ): void {
    const cseq = request.headers.get('CSeq') ?? '0';
    this.#options.socket.write(writeResponse(200, 'OK', [['CSeq', cseq], ...headers], body));
  }
}

function transport([rtp, rtcp]: readonly [number, number]): string {
  return `RTP/AVP/TCP;unicast;interleaved=${String(rtp)}-${String(rtcp)}`;
}

// The camera may choose other channels than those asked for (RFC 2326 12.39).
function interleavedChannels({ headers }: RtspResponse): readonly [number, number] | undefined {
  const match = /interleaved\s*=\s*(\d{1,3})(?:\s*-\s*(\d{1,3}))?/i.exec(
    headers.get('Transport') ?? '',
  );
  if (match === null) return undefined;
  const rtp = Number(match[1]);
  const rtcp = match[2] === undefined ? rtp + 1 : Number(match[2]);
  return rtp <= 255 && rtcp <= 255 ? [rtp, rtcp] : undefined;
}

function notInterleaved(response: RtspResponse): AppError | undefined {
  const text = response.headers.get('Transport') ?? '';
  if (text === '' || /tcp|interleaved/i.test(text)) return undefined;
  return statusError({ ...response, status: 461, phrase: 'UDP only' });
}

function readSetUp({ headers }: RtspResponse): { id: string | undefined; timeoutS: number } {
  const text = headers.get('Session') ?? '';
  const id = /^\s*([\x21-\x3a\x3c-\x7e]{1,256})/.exec(text)?.[1];
  const given = Number(/;\s*timeout\s*=\s*(\d{1,6})/i.exec(text)?.[1] ?? DEFAULT_TIMEOUT_S);
  return { id, timeoutS: Math.min(TIMEOUT_RANGE_S[1], Math.max(TIMEOUT_RANGE_S[0], given)) };
}

function misbehaved(cause: unknown): AppError {
  return new AppError('internal', 'The program that reads the camera asked for something odd.', {
    reason: 'not-our-process',
    cause,
    hint: 'Doorkeep starts it again. If this comes back, please report it.',
  });
}
