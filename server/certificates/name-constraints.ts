/**
 * What the box's authority may vouch for, as the name constraints of RFC 5280 4.2.1.10 in DER
 * (X.690). Written by hand, because the X.509 library has no type for it. Pure.
 */
import type { X509Certificate } from 'node:crypto';

/** `NameConstraints` (RFC 5280 appendix A.2). */
export const NAME_CONSTRAINTS_OID = '2.5.29.30';

const SEQUENCE = 0x30;
/** `permittedSubtrees [0]`, constructed. */
const PERMITTED = 0xa0;
/** `dNSName [2]` and `iPAddress [7]` of GeneralName. */
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/** Base address in hexadecimal and length of the prefix in bits. The ranges that cannot be reached
 * through the Internet: the address of a box changes inside them, and must stay coverable. */
const PRIVATE_RANGES: readonly (readonly [string, number])[] = [
  // RFC 1918: 10.0.0.0, 172.16.0.0, 192.168.0.0.
  ['0a000000', 8],
  ['ac100000', 12],
  ['c0a80000', 16],
  // Link-local (RFC 3927) and loopback (RFC 1122).
  ['a9fe0000', 16],
  ['7f000000', 8],
  // Unique local (RFC 4193), link-local and loopback (RFC 4291) of IPv6.
  [`fc${'00'.repeat(15)}`, 7],
  [`fe80${'00'.repeat(14)}`, 10],
  [`${'00'.repeat(15)}01`, 128],
];

/** The extension's value: these names and what is below them, and private addresses. */
export function nameConstraints(names: readonly string[]): Buffer {
  const subtrees = [...names.map(nameSubtree), ...PRIVATE_RANGES.map(rangeSubtree)];
  return der(SEQUENCE, der(PERMITTED, ...subtrees));
}

/** Whether a certificate that carries `nameConstraints` permits a name as such. The certificate is
 * the list: looked for is the whole subtree, tags and lengths included. */
export function permitsName(certificate: X509Certificate, name: string): boolean {
  return certificate.raw.includes(nameSubtree(name));
}

/** `GeneralSubtree`; minimum and maximum are left out, as RFC 5280 demands. */
function nameSubtree(name: string): Buffer {
  return der(SEQUENCE, der(DNS_NAME, Buffer.from(name, 'ascii')));
}

function rangeSubtree([base, bits]: readonly [string, number]): Buffer {
  const address = Buffer.from(base, 'hex');
  const mask = address.map((_byte, index) => {
    const ones = Math.min(8, Math.max(0, bits - index * 8));
    return 0xff & (0xff << (8 - ones));
  });
  return der(SEQUENCE, der(IP_ADDRESS, address, mask));
}

/** Tag, length, content (X.690 8.1.3: the short form, or one or two bytes of length). */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}
