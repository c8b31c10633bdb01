import { beforeAll, describe, expect, it } from 'vitest';
import {
  fileKeyOf,
  HEADER_MAX_BYTES,
  headerExtent,
  openHeader,
  sealHeader,
} from '../../../server/age/header.ts';
import { recipientOf } from '../../../server/age/identity.ts';
import { type KeyPair, newKeyPair } from '../../fixtures/sealed-file.ts';

describe('the header of a sealed file', () => {
  let owner: KeyPair;
  let member: KeyPair;
  let stranger: KeyPair;

  beforeAll(async () => {
    [owner, member, stranger] = await Promise.all([newKeyPair(), newKeyPair(), newKeyPair()]);
  });

  it('gives its file key to each recipient, and to nobody else', async () => {
    const header = await sealHeader([owner.recipient, member.recipient]);
    for (const { identity } of [owner, member]) {
      const opened = await openHeader(header.bytes, identity);
      expect(opened.fileKey.equals(header.fileKey)).toBe(true);
      expect(opened.payloadNonce.equals(header.payloadNonce)).toBe(true);
      expect(opened.totalBytes).toBe(header.bytes.length);
    }
    await expect(openHeader(header.bytes, stranger.identity)).rejects.toMatchObject({
      kind: 'corrupt',
      reason: 'header-no-key',
    });
  });

  it('has a file key and a payload nonce of its own each time', async () => {
    const headers = await Promise.all(
      Array.from({ length: 50 }, () => sealHeader([owner.recipient])),
    );
    expect(new Set(headers.map(({ fileKey }) => fileKey.toString('hex'))).size).toBe(50);
    expect(new Set(headers.map(({ payloadNonce }) => payloadNonce.toString('hex'))).size).toBe(50);
  });

  it('ends where the payload begins, whatever follows', async () => {
    const { bytes } = await sealHeader([owner.recipient]);
    const more = Buffer.concat([bytes, Buffer.from('\n-> X25519 more\n---\n')]);
    expect(headerExtent(more)).toEqual(headerExtent(bytes));
    expect(headerExtent(bytes)).toEqual({
      textBytes: bytes.length - 16,
      totalBytes: bytes.length,
    });
  });

  it('is said to be cut short at every length before its end', async () => {
    const { bytes } = await sealHeader([owner.recipient]);
    const reasons = Array.from({ length: bytes.length }, (_, length) => {
      try {
        headerExtent(bytes.subarray(0, length));
        return 'whole';
      } catch (thrown) {
        return (thrown as { reason: string }).reason;
      }
    });
    expect(new Set(reasons)).toEqual(new Set(['header-truncated']));
  });

  it('is not read beyond its limits', () => {
    const start = 'age-encryption.org/v1\n';
    const refusal = (text: string): unknown => {
      try {
        return headerExtent(Buffer.from(text));
      } catch (thrown) {
        return (thrown as { reason: string }).reason;
      }
    };
    expect(refusal('age-encryption.org/v2\n')).toBe('header-format');
    expect(refusal('x'.repeat(2_000))).toBe('header-format');
    expect(refusal(`${start}-> X25519 a\n`.padEnd(5_000, 'A'))).toBe('header-format');
    expect(refusal(`${start}${'-> X25519 a\nAAAA\n'.repeat(33)}`)).toBe('header-too-large');
    const line = `${'A'.repeat(64)}\n`;
    const endless = `${start}-> X25519 a\n${line.repeat(HEADER_MAX_BYTES / line.length + 1)}`;
    expect(refusal(endless)).toBe('header-too-large');
  });

  it('takes recipients of X25519 only, at least one', async () => {
    const invalid = { kind: 'invalid' };
    await expect(sealHeader([])).rejects.toMatchObject({ kind: 'internal' });
    await expect(sealHeader(['age1nobody'])).rejects.toMatchObject(invalid);
    await expect(sealHeader(['ssh-ed25519 AAAA'])).rejects.toMatchObject(invalid);
    const mistyped = owner.recipient.replace(/.$/, (last) => (last === 'q' ? 'p' : 'q'));
    await expect(sealHeader([mistyped])).rejects.toMatchObject(invalid);
  });

  it('says of a secret key that is none only that, and does not repeat it', async () => {
    const { bytes } = await sealHeader([owner.recipient]);
    const text = bytes.subarray(0, headerExtent(bytes).textBytes);
    // Another letter of the alphabet of BIP 173, whatever the last one is: only the checksum tells.
    const mistyped = owner.identity.replace(/.$/, (last) => (last === 'Q' ? 'P' : 'Q'));
    for (const attempt of [fileKeyOf(text, [mistyped]), recipientOf(mistyped)]) {
      const error = await attempt.then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      );
      expect(error).toMatchObject({ kind: 'invalid' });
      expect(error?.cause).toBeUndefined();
      expect(error?.message).not.toContain(mistyped.slice(20));
    }
  });
});
