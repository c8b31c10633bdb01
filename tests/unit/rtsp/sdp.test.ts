import { describe, expect, it } from 'vitest';
import { joinControl, parseSdp, writeSdp } from '../../../server/rtsp/sdp.ts';

const BASE = 'rtsp://192.168.1.20/cam/realmonitor?channel=1&subtype=0/';

const ONVIF = [
  'v=0',
  'o=- 1 1 IN IP4 192.168.1.20',
  's=Media Presentation',
  'c=IN IP4 239.1.2.3/127',
  't=0 0',
  'a=control:*',
  'm=video 0 RTP/AVP 96',
  'b=AS:4000',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0I=,aM4=',
  'a=x-secret:something',
  'a=framerate:15.000000',
  'a=recvonly',
  'a=control:trackID=0',
  'm=audio 0 RTP/AVP 97 0',
  'a=rtpmap:97 MPEG4-GENERIC/16000/2',
  'a=fmtp:97 mode=AAC-hbr;config=1410',
  'a=rtpmap:0 PCMU/8000',
  'a=control:trackID=1',
  'm=audio 0 RTP/AVP 8',
  'a=sendonly',
  'a=control:trackID=2',
  'm=application 0 RTP/AVP 107',
  'a=rtpmap:107 vnd.onvif.metadata/90000',
  'a=control:trackID=3',
].join('\r\n');

describe('parseSdp', () => {
  it('reads what an ONVIF camera says', () => {
    const { controlUrl, media } = parseSdp(ONVIF, BASE);
    expect(controlUrl).toBe(BASE);
    expect(
      media.map(({ kind, encoding, clockRate, channels, source }) => [
        kind,
        encoding,
        clockRate,
        channels,
        source,
      ]),
    ).toEqual([
      ['video', 'H264', 90_000, 1, true],
      ['audio', 'MPEG4-GENERIC', 16_000, 2, true],
      ['audio', 'PCMA', 8_000, 1, false],
      ['application', 'VND.ONVIF.METADATA', 90_000, 1, true],
    ]);
    expect(media[0]?.controlUrl).toBe(`${BASE}trackID=0`);
    expect(media[0]?.attributes).toEqual([
      'rtpmap:96 H264/90000',
      'fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0I=,aM4=',
      'framerate:15.000000',
    ]);
    // Of the payload type in use only.
    expect(media[1]?.attributes).toHaveLength(2);
  });

  it('takes an absolute session control as the base of its sections', () => {
    const text = 'v=0\na=control:rtsp://cam/live/\nm=video 0 RTP/AVP 26\na=control:1\n';
    const { controlUrl, media } = parseSdp(text, 'rtsp://cam/elsewhere');
    expect(controlUrl).toBe('rtsp://cam/live/');
    expect(media[0]).toMatchObject({ encoding: 'JPEG', controlUrl: 'rtsp://cam/live/1' });
  });

  it('takes a picture that is marked sendonly for a picture all the same', () => {
    const { media } = parseSdp('v=0\na=sendonly\nm=video 0 RTP/AVP 96\na=sendonly\n', BASE);
    expect(media[0]?.source).toBe(true);
    expect(media[0]?.controlUrl).toBe(BASE);
  });

  it.each([
    ['no description', 'hello'],
    ['sections without end', `v=0\n${'m=video 0 RTP/AVP 96\n'.repeat(17)}`],
    ['a control with a space', 'v=0\nm=video 0 RTP/AVP 96\na=control:a b\n'],
    ['a control with a line break inside', 'v=0\nm=video 0 RTP/AVP 96\na=control:a\rb\n'],
    ['a control without end', `v=0\nm=video 0 RTP/AVP 96\na=control:${'a'.repeat(3000)}\n`],
  ])('refuses %s', (_, text) => {
    expect(() => parseSdp(text, BASE)).toThrow(expect.objectContaining({ kind: 'corrupt' }));
  });
});

describe('joinControl', () => {
  it.each([
    ['rtsp://cam/a', '*', 'rtsp://cam/a'],
    ['rtsp://cam/a', 'trackID=1', 'rtsp://cam/a/trackID=1'],
    ['rtsp://cam/a/', 'trackID=1', 'rtsp://cam/a/trackID=1'],
    ['rtsp://cam/a?x=1&y=2', 'trackID=1', 'rtsp://cam/a?x=1&y=2/trackID=1'],
    ['rtsp://cam:8554/a?x', '/b/track1', 'rtsp://cam:8554/b/track1'],
    ['rtsp://cam/a', 'rtsp://other/b', 'rtsp://other/b'],
  ])('%s and %s', (base, control, expected) => {
    expect(joinControl(base, control)).toBe(expected);
  });
});

describe('writeSdp', () => {
  it('says what ffmpeg needs and nothing about the camera', () => {
    const { media } = parseSdp(ONVIF, BASE);
    const text = writeSdp(media.slice(0, 2));
    expect(text).not.toMatch(/192\.168|239\.1|secret|trackID/);
    expect(text.match(/^a=control:.*$/gm)).toEqual([
      'a=control:*',
      'a=control:track0',
      'a=control:track1',
    ]);
    const again = parseSdp(text, 'rtsp://127.0.0.1:1/t/');
    expect(again.media.map(({ encoding }) => encoding)).toEqual(['H264', 'MPEG4-GENERIC']);
  });
});
