import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { TestApi } from '../../doubles/test-api.ts';
import { addPerson } from '../../fixtures/household-people.ts';

let box: TestApi;

beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
});
afterEach(() => box.close());

describe('/api/settings', () => {
  it('is read and changed by the owner', async () => {
    const url = '/api/settings';
    expect((await box.asOwner({ url })).json()).toEqual(box.settings.settings);
    const changed = await box.asOwner({ method: 'PATCH', url, payload: { reach: 'home' } });
    expect(changed.json()).toMatchObject({ reach: 'home' });
    expect((await box.asOwner({ method: 'PATCH', url, payload: {} })).statusCode).toBe(200);
  });

  it.each([
    { reach: 'internet' },
    { reach: null },
    { port: 80 },
    [],
    { learnedAddresses: Array(9).fill('10.0.0.1') },
  ])('refuses %j', async (payload) => {
    const answer = await box.asOwner({ method: 'PATCH', url: '/api/settings', payload });
    expect(answer.statusCode).toBe(400);
    expect(box.settings.settings.reach).toBe('this-machine');
  });

  it('hears by which host the owner is signed in, and nobody else', async () => {
    const came: string[] = [];
    const listening = await TestApi.start({ ownerCameBy: (host) => came.push(host) });
    try {
      await listening.setUp();
      const headers = { host: '192.168.77.20:8080' };
      await listening.send({ url: '/api/settings', headers });
      await listening.send({ url: '/api/health', headers });
      expect(came).not.toContain('192.168.77.20:8080');
      await listening.asOwner({ url: '/api/settings', headers });
      expect(came).toContain('192.168.77.20:8080');
      came.length = 0;
      const { ask } = await addPerson(listening, 'Sam');
      await ask({ url: '/api/settings', headers });
      expect(came).not.toContain('192.168.77.20:8080');
    } finally {
      await listening.close();
    }
  });

  it('is nobody else’s', async () => {
    expect((await box.send({ url: '/api/settings' })).statusCode).toBe(401);
    const patch = { method: 'PATCH', url: '/api/settings', payload: { reach: 'home' } } as const;
    expect((await box.send(patch)).statusCode).toBe(401);
  });

  it('says why a change cannot be made', async () => {
    box.settings.trouble = new AppError('conflict', 'DOORKEEP_HOST decides this.', {
      reason: 'reach-is-fixed',
      hint: 'Start it without.',
    });
    const patch = { method: 'PATCH', url: '/api/settings', payload: { reach: 'home' } } as const;
    const answer = await box.asOwner(patch);
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({
      detail: 'DOORKEEP_HOST decides this.',
      hint: 'Start it without.',
    });
  });
});

describe('/ca.crt', () => {
  it('is public, as phones install it', async () => {
    box.certificates.authority = {
      pem: 'one certificate\n',
      fileName: 'doorkeep-porch.crt',
      fingerprint: 'AA',
    };
    const answer = await box.send({ url: '/ca.crt' });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe('one certificate\n');
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-x509-ca-cert',
      'content-disposition': 'inline; filename="doorkeep-porch.crt"',
      'content-length': '16',
    });
  });

  it('is not there when there is nothing to trust', async () => {
    const answer = await box.send({ url: '/ca.crt' });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ hint: expect.stringContaining('owner') as string });
  });
});
