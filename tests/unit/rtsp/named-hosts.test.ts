import { describe, expect, it } from 'vitest';
import { Headers, type RtspResponse } from '../../../server/rtsp/message.ts';
import { publicHostIn } from '../../../server/rtsp/named-hosts.ts';

function response(headers: readonly (readonly [string, string])[], body = ''): RtspResponse {
  return {
    ...{ kind: 'response', status: 200, phrase: 'OK', body: Buffer.from(body) },
    headers: new Headers(headers),
  };
}

const SDP = 'v=0\r\no=- 0 0 IN IP4 203.0.113.1\r\ns=-\r\n';

describe('publicHostIn', () => {
  it.each<[string, string | undefined, RtspResponse]>([
    ['Content-Base', '203.0.113.9', response([['Content-Base', 'rtsp://203.0.113.9:554/a/']])],
    ['Transport', '203.0.113.9', response([['Transport', 'RTP/AVP;destination=203.0.113.9']])],
    ['RTP-Info', '203.0.113.9', response([['RTP-Info', 'url=rtsp://203.0.113.9/a;seq=1']])],
    ['c=', '203.0.113.9', response([], `${SDP}c=IN IP4 203.0.113.9\r\n`)],
    ['c= of IPv6', '2001:db8::9', response([], `${SDP}c=IN IP6 2001:db8::9\r\n`)],
    ['a=control', '203.0.113.9', response([], `${SDP}a=control:rtsp://203.0.113.9/t1\r\n`)],
    ['private places', undefined, response([['Content-Base', 'rtsp://192.168.1.20/a/']])],
    ['nowhere', undefined, response([], `${SDP}c=IN IP4 0.0.0.0\r\na=control:trackID=1\r\n`)],
    ['multicast', undefined, response([], `${SDP}c=IN IP4 239.1.2.3/127\r\n`)],
    ['versions and times', undefined, response([['Transport', 'x=1.2.3;ssrc=0A0B0C0D']])],
  ])('%s', (_what, host, from) => {
    expect(publicHostIn(from)).toBe(host);
  });
});
