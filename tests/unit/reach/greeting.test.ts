import { encode } from 'uqr';
import { describe, expect, it } from 'vitest';
import { greeting, type GreetingParts } from '../../../server/reach/greeting.ts';

const HERE: GreetingParts = {
  version: '1.2.3',
  ownAddress: 'http://127.0.0.1:8080',
  homeAddresses: [],
  fingerprint: undefined,
  code: undefined,
};
const HOME: GreetingParts = {
  ...HERE,
  homeAddresses: ['https://192.168.1.20:8080', 'https://porch.local:8080'],
  fingerprint: Array.from({ length: 32 }, (_, index) => (index + 160).toString(16)).join(':'),
};
const CONTAINER: GreetingParts = { ...HOME, homeAddresses: [], inContainer: true };
const CODE = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE';

describe('the greeting', () => {
  it('of a box for this machine is its address', () => {
    expect(greeting(HERE)).toEqual(['Doorkeep 1.2.3 is at http://127.0.0.1:8080']);
  });

  it('until set-up has the code, and a link that carries it in the fragment', () => {
    const text = greeting({ ...HERE, code: CODE }).join('\n');
    expect(text).toContain(`use this code once: ${CODE}`);
    expect(text).toContain(`http://127.0.0.1:8080/#code=${CODE}`);
    // A picture of 127.0.0.1 would lead a phone to itself.
    expect(text).not.toMatch(/[█▀▄]/);
  });

  it('of a box for the home says where, what to trust and what to compare', () => {
    const lines = greeting(HOME);
    expect(lines.slice(0, 3)).toEqual([
      'Doorkeep 1.2.3 is at https://192.168.1.20:8080',
      '  also at https://porch.local:8080',
      '  on this machine at http://127.0.0.1:8080',
    ]);
    expect(lines.join('\n')).toContain('http://192.168.1.20:8080/ca.crt');
    const compared = lines.filter((line) => /^ +([a-f0-9]{2}:){15}[a-f0-9]{2}$/.test(line));
    expect(compared.map((line) => line.trim()).join(':')).toBe(HOME.fingerprint);
  });

  it('with a certificate of the owner’s has nothing to trust', () => {
    expect(greeting({ ...HOME, fingerprint: undefined }).join('\n')).not.toContain('ca.crt');
  });

  it('draws the link for phones: the picture says what the text says', () => {
    const lines = greeting({ ...HOME, code: CODE });
    const drawn = lines.filter((line) => /^[█▀▄ ]{20,}$/.test(line));
    // Two rows of modules a line: the upper half is light in █ and ▀, the lower in █ and ▄.
    const rows = drawn.flatMap((line) => [
      Array.from(line, (char) => char === ' ' || char === '▄'),
      Array.from(line, (char) => char === ' ' || char === '▀'),
    ]);
    const link = `https://192.168.1.20:8080/#code=${CODE}`;
    const { data, size } = encode(link, { border: 2 });
    expect(rows.slice(0, size)).toEqual(data);
  });

  it('of a container that does not know where it is says what to fill in, and draws nothing', () => {
    const lines = greeting({ ...CONTAINER, code: CODE });
    expect(lines[0]).toBe('Doorkeep 1.2.3 is at https://ADDRESS:8080');
    const text = lines.join('\n');
    expect(text).toContain('ADDRESS is that of this machine in your home');
    expect(text).toContain('DOORKEEP_ADDRESSES');
    expect(text).toContain('http://ADDRESS:8080/ca.crt');
    expect(text).toContain(`https://ADDRESS:8080/#code=${CODE}`);
    // Neither the bridge’s address nor loopback: both are the container’s own.
    expect(text).not.toMatch(/127\.0\.0\.1|\b172\./);
    expect(text).not.toMatch(/[█▀▄]/);
  });

  it('of a container that was told is like any other’s, but for its own loopback', () => {
    const { homeAddresses } = HOME;
    const lines = greeting({ ...CONTAINER, homeAddresses });
    expect(lines).toEqual(
      greeting({ ...HOME, ...{ fingerprint: CONTAINER.fingerprint } }).filter(
        (line) => !line.includes('on this machine'),
      ),
    );
    expect(lines.join('\n')).not.toContain('ADDRESS');
  });

  it('fits a terminal of 80 columns, but for links and codes', () => {
    const wide = [...greeting({ ...HOME, code: CODE }), ...greeting({ ...CONTAINER, code: CODE })]
      .filter((line) => !line.includes(CODE))
      .filter((line) => line.length > 80);
    expect(wide).toEqual([]);
  });
});
