import { describe, expect, it } from 'vitest';
import { Secret } from '../../../server/base/secret.ts';
import {
  Authenticator,
  digestAuthorization,
  parseChallenges,
} from '../../../server/rtsp/digest.ts';

const credentials = { username: 'Mufasa', password: new Secret('Circle of Life') };

function authenticator(
  options: { basicAllowed?: boolean; anonymous?: boolean } = {},
): Authenticator {
  return new Authenticator({
    credentials: options.anonymous === true ? undefined : credentials,
    basicAllowed: options.basicAllowed ?? true,
    makeClientNonce: () => 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  });
}

function field(authorization: string | undefined, name: string): string | undefined {
  return new RegExp(`[ ,]${name}="?([^",]*)`).exec(authorization ?? '')?.[1];
}

describe('parseChallenges', () => {
  it('takes several challenges of one field apart', () => {
    const found = parseChallenges([
      'Digest realm="a, b", nonce="n==", qop="auth,auth-int", stale=TRUE, Basic realm="say \\"x\\""',
      'Negotiate',
    ]);
    expect(found.map(({ scheme }) => scheme)).toEqual(['digest', 'basic', 'negotiate']);
    expect(Object.fromEntries(found[0]?.params ?? [])).toEqual({
      realm: 'a, b',
      nonce: 'n==',
      qop: 'auth,auth-int',
      stale: 'TRUE',
    });
    expect(found[1]?.params.get('realm')).toBe('say "x"');
  });

  it('survives nonsense and keeps to its limit', () => {
    expect(parseChallenges(['', ',,,', '="', '\0'])).toEqual([]);
    expect(parseChallenges(Array.from({ length: 100 }, () => 'Digest nonce="a"'))).toHaveLength(8);
  });
});

describe('digestAuthorization', () => {
  const rfc7616 = (algorithm: string): string =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ' +
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

  // RFC 7616 3.9.1, with its own client nonce and its own answers.
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('answers the example of RFC 7616 in %s', (algorithm, response) => {
    const [challenge] = parseChallenges([rfc7616(algorithm)]);
    if (challenge === undefined) throw new Error('no challenge');
    const authorization = digestAuthorization(challenge, {
      credentials,
      method: 'GET',
      uri: '/dir/index.html',
      nonceCount: 1,
      clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    });
    expect(field(authorization, 'response')).toBe(response);
    expect(field(authorization, 'nc')).toBe('00000001');
    expect(field(authorization, 'opaque')).toBe('FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS');
    expect(field(authorization, 'algorithm')).toBe(algorithm);
  });

  it('hashes the user name where it is asked to (RFC 7616 3.4.4), in SHA-512-256', () => {
    const [challenge] = parseChallenges([
      'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, ' +
        'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", ' +
        'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true',
    ]);
    if (challenge === undefined) throw new Error('no challenge');
    const authorization = digestAuthorization(challenge, {
      credentials: { username: 'Jäsøn Doe', password: new Secret('Secret, or not?') },
      method: 'GET',
      uri: '/doe.json',
      nonceCount: 1,
      clientNonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm',
    });
    expect(field(authorization, 'userhash')).toBe('true');
    expect(field(authorization, 'username')).toMatch(/^[0-9a-f]{64}$/);
    expect(field(authorization, 'response')).toMatch(/^[0-9a-f]{64}$/);
    expect(authorization).not.toContain('Doe');
  });

  it('does without qop (RFC 2069), as most cameras ask', () => {
    const auth = authenticator();
    expect(auth.challenged(['Digest realm="r", nonce="n"'], false)).toBe('answer');
    const value = auth.authorization('DESCRIBE', 'rtsp://cam/a') ?? '';
    expect(value).not.toMatch(/qop|cnonce|nc=|algorithm/);
    expect(field(value, 'uri')).toBe('rtsp://cam/a');
  });
});

describe('Authenticator', () => {
  const digest = 'Digest realm="r", nonce="n1"';

  it('sends nothing before it is asked', () => {
    expect(authenticator().authorization('OPTIONS', 'rtsp://cam')).toBeUndefined();
  });

  it('chooses the strongest digest, and digest before Basic, whatever the order', () => {
    const auth = authenticator();
    const offered = [
      'Basic realm="r"',
      'Digest realm="r", nonce="n", algorithm=MD5',
      'Digest realm="r", nonce="n", algorithm=SHA-256',
    ];
    expect(auth.challenged(offered, false)).toBe('answer');
    expect(field(auth.authorization('OPTIONS', 'a'), 'algorithm')).toBe('SHA-256');
    expect(auth.scheme).toBe('digest');
  });

  it('counts the uses of a nonce', () => {
    const auth = authenticator();
    auth.challenged(['Digest realm="r", nonce="n", qop="auth"'], false);
    expect(field(auth.authorization('OPTIONS', 'a'), 'nc')).toBe('00000001');
    expect(field(auth.authorization('OPTIONS', 'a'), 'nc')).toBe('00000002');
  });

  it('tries a wrong password once, because cameras lock accounts', () => {
    const auth = authenticator();
    expect(auth.challenged([digest], false)).toBe('answer');
    expect(auth.challenged([digest], true)).toBe('wrong-password');
    expect(auth.challenged(['Digest realm="r", nonce="n2"'], true)).toBe('wrong-password');
  });

  it('answers again when the nonce expired, said or not', () => {
    const auth = authenticator();
    auth.challenged([digest], false);
    expect(auth.challenged(['Digest realm="r", nonce="n2", stale=true'], true)).toBe('answer');
    auth.accepted();
    expect(auth.challenged(['Digest realm="r", nonce="n3"'], true)).toBe('answer');
    expect(auth.challenged(['Digest realm="r", nonce="n4"'], true)).toBe('wrong-password');
  });

  it('does not believe stale=true about the same nonce', () => {
    const auth = authenticator();
    auth.challenged([digest], false);
    expect(auth.challenged([`${digest}, stale=true`], true)).toBe('wrong-password');
  });

  it('uses Basic only where Digest was never seen', () => {
    const basic = ['Basic realm="r"'];
    const auth = authenticator();
    expect(auth.challenged(basic, false)).toBe('answer');
    expect(auth.authorization('OPTIONS', 'a')).toBe('Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl');
    expect(auth.challenged(basic, true)).toBe('wrong-password');

    expect(authenticator({ basicAllowed: false }).challenged(basic, false)).toBe('basic-refused');
    const once = authenticator();
    once.challenged([digest], false);
    expect(once.challenged(basic, true)).toBe('basic-refused');
  });

  it('says when it cannot answer', () => {
    expect(authenticator({ anonymous: true }).challenged([digest], false)).toBe('password-needed');
    expect(authenticator().challenged(['Negotiate'], false)).toBe('unknown-scheme');
    expect(authenticator().challenged(['Digest realm="r", nonce="n", algorithm=X'], false)).toBe(
      'unknown-scheme',
    );
  });

  it('never prints the password', () => {
    const auth = authenticator();
    auth.challenged([digest], false);
    expect(JSON.stringify(auth) + String(auth.authorization('A', 'b'))).not.toContain('Circle');
  });
});
