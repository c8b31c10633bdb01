import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from '../../doubles/test-api.ts';

let box: TestApi;

beforeEach(async () => {
  box = await TestApi.start();
  await box.setUp();
});
afterEach(() => box.close());

describe('/api/privacy', () => {
  it('tells the owner what keeps connections in, and what was counted', async () => {
    const answer = await box.asOwner({ url: '/api/privacy' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      layers: [{ name: 'guard', state: 'active' }],
      kernelTry: null,
      ...{ connections: [], destinations: [], refused: [] },
      counts: { connected: 0, failed: 0, refused: 0, open: 0 },
    });
  });

  it('tries the kernel when asked, and says what became of it', async () => {
    const answer = await box.asOwner({ method: 'POST', url: '/api/privacy/try' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ kernelTry: { v4: 'refused', v6: 'no-way' } });
  });

  it('is nobody else’s', async () => {
    expect((await box.send({ url: '/api/privacy' })).statusCode).toBe(401);
  });
});
