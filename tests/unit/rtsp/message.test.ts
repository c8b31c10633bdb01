import { describe, expect, it } from 'vitest';
import {
  BODY_MAX_BYTES,
  HEAD_MAX_BYTES,
  RtspParser,
  writeRequest,
  writeResponse,
} from '../../../server/rtsp/message.ts';

function parse(text: string): ReturnType<RtspParser['push']> {
  return new RtspParser().push(Buffer.from(text, 'latin1'));
}

describe('RtspParser', () => {
  it('reads a response with several fields of a name, folded lines and a body', () => {
    const [message] = parse(
      'RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm="a",\r\n nonce="b"\r\n' +
        'www-authenticate: Basic realm="c"\r\nContent-length: 3\r\n\r\nv=0',
    );
    if (message?.kind !== 'response') throw new Error('no response');
    expect([message.status, message.phrase]).toEqual([401, 'Unauthorized']);
    expect(message.headers.getAll('WWW-Authenticate')).toEqual([
      'Digest realm="a", nonce="b"',
      'Basic realm="c"',
    ]);
    expect(message.body.toString()).toBe('v=0');
  });

  it('tolerates bare line feeds, blank lines before, no phrase, and lines that are no fields', () => {
    const [message] = parse('\r\n\nRTSP/1.0 200\nCSeq:7\ndebug output\n: nothing\n\n');
    if (message?.kind !== 'response') throw new Error('no response');
    expect(message.status).toBe(200);
    expect([...message.headers]).toEqual([['CSeq', '7']]);
  });

  it('reads messages and interleaved frames in order', () => {
    const items = parse('$\x01\0\x02hiOPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n$\0\0\0$\x03\0\x01x');
    expect(items.map((item) => item.kind)).toEqual(['frame', 'request', 'frame', 'frame']);
    expect(items[0]).toMatchObject({ channel: 1, payload: Buffer.from('hi') });
    expect(items[1]).toMatchObject({ method: 'OPTIONS', uri: '*' });
    expect(items[3]).toMatchObject({ channel: 3, payload: Buffer.from('x') });
  });

  it('finds the same at every split', () => {
    const whole = Buffer.from(
      'RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\nabcd$\x02\0\x03xyzOPTIONS a RTSP/1.0\r\n\r\n',
      'latin1',
    );
    const expected = new RtspParser().push(whole);
    for (let at = 0; at <= whole.length; at += 1) {
      const parser = new RtspParser();
      const items = [...parser.push(whole.subarray(0, at)), ...parser.push(whole.subarray(at))];
      expect(items).toEqual(expected);
    }
  });

  it.each([
    ['neither request nor response', 'HTTP/1.1 200 OK\r\n\r\n', 'corrupt'],
    ['a length that is no number', 'RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n', 'corrupt'],
    [
      'a body beyond the limit',
      `RTSP/1.0 200 OK\r\nContent-Length: ${String(BODY_MAX_BYTES + 1)}\r\n\r\n`,
      'exhausted',
    ],
    ['too many headers', `RTSP/1.0 200 OK\r\n${'a: b\r\n'.repeat(65)}\r\n`, 'exhausted'],
    ['a start line without end', `RTSP/1.0 200 ${'a'.repeat(5_000)}`, 'exhausted'],
    ['a header without end', `RTSP/1.0 200 OK\r\nX: ${'a'.repeat(HEAD_MAX_BYTES)}`, 'exhausted'],
    ['blank lines without end', '\r\n'.repeat(40), 'exhausted'],
  ])('refuses %s', (_, text, kind) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ kind, name: 'AppError' }));
  });
});

describe('writing', () => {
  it('writes requests and responses', () => {
    expect(writeRequest('PLAY', 'rtsp://cam/a', [['CSeq', '3']]).toString()).toBe(
      'PLAY rtsp://cam/a RTSP/1.0\r\nCSeq: 3\r\n\r\n',
    );
    expect(writeResponse(200, 'OK', [['CSeq', '3']], Buffer.from('v=0')).toString()).toBe(
      'RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 3\r\n\r\nv=0',
    );
  });

  it('never lets one line become two', () => {
    expect(() => writeRequest('PLAY', 'rtsp://cam/a', [['Session', '1\r\nX: y']])).toThrow(
      'control character',
    );
    expect(() => writeRequest('PLAY', 'rtsp://cam/a\n', [])).toThrow('control character');
  });
});
