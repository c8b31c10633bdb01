/** One client of the simulated camera. */
import type { Socket } from 'node:net';
import {
  type RtspMessage,
  RtspParser,
  type RtspRequest,
  writeResponse,
} from '../../../server/rtsp/message.ts';
import type { RtspCamera } from './camera.ts';
import type { MediaSource } from './media-source.ts';
import { Outlet } from './outlet.ts';
import { Player } from './player.ts';
import { RtpSender } from './rtp-packetiser.ts';
import { audioPayloadType, sdpOf, VIDEO_PAYLOAD_TYPE } from './sdp.ts';

/** "1 GB header": where the endless kinds stop by themselves. */
const ENDLESS_BYTES = 2 ** 30;
const SESSION = '4711-00aa';

function textOf(start: string, { headers }: RtspMessage): string {
  return [start, ...[...headers].map(([name, value]) => `${name}: ${value}`)].join('\n');
}

/** Serves requests until the client leaves. */
export class CameraConnection {
  readonly socket: Socket;
  /** The path that is being played. */
  playing: string | undefined;
  readonly #camera: RtspCamera;
  readonly #outlet: Outlet;
  readonly #parser = new RtspParser();
  readonly #over = new AbortController();
  #senders: { video: RtpSender | undefined; audio: RtpSender | undefined } = {
    video: undefined,
    audio: undefined,
  };

  constructor(camera: RtspCamera, socket: Socket) {
    this.#camera = camera;
    this.socket = socket;
    this.#outlet = new Outlet(socket, camera.clock, camera.trouble);
    socket.on('data', (chunk: Buffer) => {
      for (const item of this.#parser.push(chunk)) {
        if (item.kind === 'request') this.#request(item);
        else if (item.kind === 'response') camera.heard.push(textOf(String(item.status), item));
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.playing = undefined;
      this.#over.abort();
    });
  }

  #request(request: RtspRequest): void {
    const { camera, challenge } = { camera: this.#camera, challenge: this.#challenge(request) };
    camera.requests.push(textOf(`${request.method} ${request.uri} RTSP/1.0`, request));
    if (camera.trouble.endlessHeader !== undefined) {
      this.#endless(camera.trouble.endlessHeader);
      return;
    }
    if (challenge !== undefined) {
      const headers = challenge.map((value) => ['WWW-Authenticate', value] as const);
      this.#answer(request, headers, { status: 401, phrase: 'Unauthorized' });
      return;
    }
    const { answer } = camera.trouble;
    if (answer !== undefined && (answer.method ?? request.method) === request.method) {
      this.#answer(request, answer.headers ?? [], answer);
      return;
    }
    const path = this.#pathOf(request.uri);
    const stream = camera.streams.get(path);
    if (stream === undefined && request.method !== 'OPTIONS') {
      this.#answer(request, [], { status: 404, phrase: 'Stream Not Found' });
      return;
    }
    this.#serve(request, path, stream);
  }

  #challenge({ method, uri, headers }: RtspRequest): string[] | undefined {
    return this.#camera.login.challenge(method, uri, headers.get('Authorization'));
  }

  #serve(request: RtspRequest, path: string, stream: MediaSource | undefined): void {
    switch (request.method) {
      case 'OPTIONS':
        this.#answer(request, [
          ['Public', 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, TEARDOWN'],
        ]);
        return;
      case 'DESCRIBE':
        if (stream !== undefined) this.#describe(request, stream);
        return;
      case 'SETUP':
        if (stream !== undefined) this.#setUp(request, stream);
        return;
      case 'PLAY':
        if (stream !== undefined) this.#play(request, path, stream);
        return;
      case 'GET_PARAMETER':
        this.#answer(request, [['Session', SESSION]]);
        return;
      case 'TEARDOWN':
        this.#answer(request, [['Session', SESSION]]);
        this.#over.abort();
        this.playing = undefined;
        return;
      default:
        this.#answer(request, [], { status: 501, phrase: 'Not Implemented' });
    }
  }

  get #namedHost(): string {
    return this.#camera.trouble.namesHost ?? '0.0.0.0';
  }

  #describe(request: RtspRequest, { format }: MediaSource): void {
    // As many cameras: an address of its own making in the base.
    const base = `${request.uri.replace(/^(rtsps?:\/\/)[^/]*/, `$1${this.#namedHost}`)}/`;
    const body = this.#camera.describe(sdpOf(format, this.#camera.extras));
    const headers = [['Content-Type', 'application/sdp'] as const, ['Content-Base', base] as const];
    this.#answer(request, headers, { status: 200, phrase: 'OK' }, Buffer.from(body));
  }

  #setUp(request: RtspRequest, { format }: MediaSource): void {
    const track = /trackID=([01])$/.exec(request.uri)?.[1];
    const wanted = /interleaved=(\d+)-/.exec(request.headers.get('Transport') ?? '')?.[1];
    if (track === undefined || wanted === undefined) {
      this.#answer(request, [], { status: 461, phrase: 'Unsupported transport' });
      return;
    }
    const channel = Number(wanted);
    const sound = track === '1' ? format.audio : undefined;
    const sender = new RtpSender({
      channel,
      payloadType: sound === undefined ? VIDEO_PAYLOAD_TYPE : audioPayloadType(sound),
      ssrc: sound === undefined ? 0x1000_0001 : 0x1000_0002,
      // Three seconds before the wrap, so that every test that plays on crosses it.
      firstTimestamp: 2 ** 32 - 3 * (sound?.sampleRate ?? 90_000),
    });
    if (sound === undefined) this.#senders.video = sender;
    else this.#senders.audio = sender;
    const channels = `${String(channel)}-${String(channel + 1)}`;
    const { namesHost } = this.#camera.trouble;
    const ends = namesHost === undefined ? '' : `;destination=${namesHost};source=${namesHost}`;
    this.#answer(request, [
      ['Transport', `RTP/AVP/TCP;unicast;interleaved=${channels};ssrc=10000001${ends}`],
      ['Session', `${SESSION};timeout=${String(this.#camera.timeoutS)}`],
    ]);
  }

  #play(request: RtspRequest, path: string, stream: MediaSource): void {
    const info = (['video', 'audio'] as const).flatMap((kind, track) => {
      const sender = this.#senders[kind];
      if (sender === undefined) return [];
      const seq = `seq=${String(sender.nextSequence)};rtptime=${String(sender.firstTimestamp)}`;
      return [`url=${request.uri.replace(/\/$/, '')}/trackID=${String(track)};${seq}`];
    });
    this.#answer(request, [
      ['Session', SESSION],
      ['RTP-Info', info.join(',')],
    ]);
    this.playing = path;
    const player = new Player({
      clock: this.#camera.clock,
      trouble: this.#camera.trouble,
      outlet: this.#outlet,
      source: stream,
      ...this.#senders,
      reportEveryMs: this.#camera.reportEveryMs,
      signal: this.#over.signal,
    });
    void player.run();
  }

  #answer(
    request: RtspRequest,
    headers: readonly (readonly [string, string])[],
    { status, phrase }: { status: number; phrase: string } = { status: 200, phrase: 'OK' },
    body?: Buffer,
  ): void {
    const cseq = request.headers.get('CSeq') ?? '0';
    this.#outlet.write(writeResponse(status, phrase, [['CSeq', cseq], ...headers], body));
  }

  #endless(kind: 'lines' | 'line' | 'body'): void {
    const field = kind === 'body' ? 'Content-Length: 1000000000\r\n\r\n' : 'X-Endless: ';
    this.socket.write(`RTSP/1.0 200 OK\r\nCSeq: 1\r\n${field}`);
    const part = kind !== 'lines' ? 'a'.repeat(65_536) : 'a\r\nX-Endless: '.repeat(5_000);
    let sent = 0;
    const more = (): void => {
      while (!this.socket.destroyed && sent < ENDLESS_BYTES) {
        sent += part.length;
        if (this.socket.write(part)) continue;
        this.socket.once('drain', more);
        return;
      }
    };
    more();
  }

  // The path without the track that SETUP adds to it.
  #pathOf(uri: string): string {
    const path = uri.replace(/^rtsps?:\/\/[^/]*/, '').replace(/\/(?:trackID=\d+)?$/, '');
    return path === '' ? '/' : path;
  }
}
