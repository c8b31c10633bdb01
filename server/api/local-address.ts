/** Which addresses are at home: what a request may come from, and what a Host may be as a literal. */
import { BlockList, isIP } from 'node:net';

const LOCAL = new BlockList();
// RFC 1122 3.2.1.3 and RFC 4291 2.5.3: this machine.
LOCAL.addSubnet('127.0.0.0', 8, 'ipv4');
LOCAL.addAddress('::1', 'ipv6');
// RFC 1918 and RFC 4193: private networks.
LOCAL.addSubnet('10.0.0.0', 8, 'ipv4');
LOCAL.addSubnet('172.16.0.0', 12, 'ipv4');
LOCAL.addSubnet('192.168.0.0', 16, 'ipv4');
LOCAL.addSubnet('fc00::', 7, 'ipv6');
// RFC 3927 and RFC 4291 2.5.6: this link.
LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LOCAL.addSubnet('fe80::', 10, 'ipv6');

/** Whether an IP literal is loopback, private or link-local; IPv4 inside IPv6 counts as IPv4. False
 * for anything that is not a literal. */
export function isLocalAddress(text: string): boolean {
  const literal = text.split('%')[0] ?? '';
  const family = isIP(literal);
  if (family === 0) return false;
  return LOCAL.check(literal, family === 4 ? 'ipv4' : 'ipv6');
}
