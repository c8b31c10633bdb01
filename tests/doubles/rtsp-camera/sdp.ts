/** What a camera says about what it plays. */
import type { AudioFormat, MediaFormat } from './media-source.ts';

/** The payload types used: dynamic ones for all but G.711 (RFC 3551 6). */
export const VIDEO_PAYLOAD_TYPE = 96;

/** See `VIDEO_PAYLOAD_TYPE`. */
export function audioPayloadType({ codec }: AudioFormat): number {
  if (codec === 'pcmu') return 0;
  return codec === 'pcma' ? 8 : 97;
}

/**
 * The description: picture, sound, and with `extras`, as ONVIF cameras give it to anybody, two
 * sections that a recorder must leave alone (a back channel to talk to, and metadata).
 */
export function sdpOf({ video, audio }: MediaFormat, extras: boolean): string {
  const lines = ['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=Simulated camera', 't=0 0', 'a=control:*'];
  const base64 = video.parameterSets.map((set) => set.toString('base64'));
  if (video.codec === 'h264') {
    const profile = video.parameterSets[0]?.subarray(1, 4).toString('hex') ?? '42001f';
    lines.push(
      `m=video 0 RTP/AVP ${String(VIDEO_PAYLOAD_TYPE)}`,
      'a=rtpmap:96 H264/90000',
      `a=fmtp:96 packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${base64.join(',')}`,
    );
  } else {
    const [vps = '', sps = '', pps = ''] = base64;
    lines.push(
      `m=video 0 RTP/AVP ${String(VIDEO_PAYLOAD_TYPE)}`,
      'a=rtpmap:96 H265/90000',
      `a=fmtp:96 sprop-vps=${vps};sprop-sps=${sps};sprop-pps=${pps}`,
    );
  }
  lines.push('a=recvonly', 'a=control:trackID=0');
  if (audio !== undefined) lines.push(...soundLines(audio), 'a=recvonly', 'a=control:trackID=1');
  if (extras) lines.push(...EXTRA_LINES);
  return `${lines.join('\r\n')}\r\n`;
}

const EXTRA_LINES = [
  'm=audio 0 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
  'a=sendonly',
  'a=control:trackID=2',
  'm=application 0 RTP/AVP 107',
  'a=rtpmap:107 vnd.onvif.metadata/90000',
  'a=recvonly',
  'a=control:trackID=3',
];

function soundLines(audio: AudioFormat): string[] {
  const type = String(audioPayloadType(audio));
  const rate = `${String(audio.sampleRate)}${audio.channels > 1 ? `/${String(audio.channels)}` : ''}`;
  const head = `m=audio 0 RTP/AVP ${type}`;
  switch (audio.codec) {
    case 'pcmu':
      return [head, `a=rtpmap:0 PCMU/${rate}`];
    case 'pcma':
      return [head, `a=rtpmap:8 PCMA/${rate}`];
    case 'l16':
      return [head, `a=rtpmap:97 L16/${rate}`];
    case 'aac':
      return [
        head,
        `a=rtpmap:97 MPEG4-GENERIC/${String(audio.sampleRate)}/${String(audio.channels)}`,
        `a=fmtp:97 streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=${audio.config?.toString('hex') ?? ''}`,
      ];
  }
}
