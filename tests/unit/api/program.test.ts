import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestApi } from '../../doubles/test-api.ts';

let box: TestApi;

beforeEach(async () => {
  box = await TestApi.start({ program: { date: '2027-02-01', dateOf: 'release' } });
  await box.setUp();
});

afterEach(() => box.close());

it('says to who is signed in which Doorkeep it is, and of when', async () => {
  expect((await box.send({ url: '/api/program' })).statusCode).toBe(401);
  const answer = await box.asOwner({ url: '/api/program' });
  expect(answer.json()).toEqual({ version: '1.2.3', date: '2027-02-01', dateOf: 'release' });
});
