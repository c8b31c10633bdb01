import { parseOptions } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { PASSWORD_COST, PasswordHasher } from '../../../server/auth/password-hasher.ts';
import { CHEAP } from '../../doubles/test-api.ts';

describe('the real cost', () => {
  it('is argon2id with 64 MiB, three passes, one lane', async () => {
    expect(PASSWORD_COST).toEqual({ memoryKib: 65_536, passes: 3 });
    const hash = await new PasswordHasher().hash(Buffer.from('three odd wombats'));
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
    expect(parseOptions(hash)).toMatchObject({ outputLen: 32, saltLen: 16 });
  });
});

describe('verify', () => {
  it('knows right from wrong, and salts', async () => {
    const hasher = new PasswordHasher(CHEAP);
    const hash = await hasher.hash(Buffer.from('right'));
    expect(await hasher.hash(Buffer.from('right'))).not.toBe(hash);
    expect(await hasher.verify(hash, Buffer.from('right'))).toBe(true);
    expect(await hasher.verify(hash, Buffer.from('Right'))).toBe(false);
  });

  it('says no without a user, after work of the same cost', async () => {
    const hasher = new PasswordHasher({ memoryKib: 16 * 1024, passes: 2 });
    const hash = await hasher.hash(Buffer.from('right'));
    const cost = async (stored: string | undefined): Promise<number> => {
      const started = process.cpuUsage();
      for (let i = 0; i < 5; i += 1)
        expect(await hasher.verify(stored, Buffer.from('wrong'))).toBe(false);
      const { user, system } = process.cpuUsage(started);
      return user + system;
    };
    await cost(hash);
    const [known, unknown] = [await cost(hash), await cost(undefined)];
    // The dummy must not be free: skipping it would make the quotient close to zero.
    expect(unknown / known).toBeGreaterThan(0.4);
  });
});

describe('a crowd', () => {
  it('is served one by one; the tenth is sent away and told when to come back', async () => {
    const hasher = new PasswordHasher(CHEAP);
    const all = Array.from({ length: 12 }, () => hasher.hash(Buffer.from('x')));
    const settled = await Promise.allSettled(all);
    const refused = settled.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(3);
    expect(refused[0]).toMatchObject({ reason: { kind: 'exhausted', retryAfterMs: 5_000 } });
    expect(await hasher.hash(Buffer.from('x'))).toContain('$argon2id$');
  });

  it('goes on after an error', async () => {
    const hasher = new PasswordHasher(CHEAP);
    await expect(hasher.verify('not a hash', Buffer.from('x'))).rejects.toThrow();
    expect(await hasher.hash(Buffer.from('x'))).toContain('$argon2id$');
  });
});
