import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../../server/base/log.ts';
import { Secret } from '../../../server/base/secret.ts';
import { openCredentials, sealCredentials } from '../../../server/camera/camera-credentials.ts';
import { BoxKey } from '../../../server/keys/box-key.ts';

const CANARY = 'canary-7d20-"p@ss"/ü';
const credentials = { username: 'admin', password: new Secret(CANARY) };

let folder: string;
let boxKey: BoxKey;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorkeep-keys-'));
  boxKey = await BoxKey.load(join(folder, 'box.key'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('opens for the camera that it was sealed for', () => {
  const opened = openCredentials(boxKey, 'c1', sealCredentials(boxKey, 'c1', credentials));
  expect(opened.username).toBe('admin');
  expect(opened.password.reveal()).toBe(CANARY);
});

it('does not open for another camera, on another box, or after a changed bit', async () => {
  const sealed = sealCredentials(boxKey, 'c1', credentials);
  const otherKey = await BoxKey.load(join(folder, 'other.key'));
  const changed = Buffer.from(sealed);
  changed.writeUInt8(changed.readUInt8(20) ^ 1, 20);
  const corrupt = expect.objectContaining({ kind: 'corrupt' }) as Error;
  expect(() => openCredentials(boxKey, 'c2', sealed)).toThrow(corrupt);
  expect(() => openCredentials(otherKey, 'c1', sealed)).toThrow(corrupt);
  expect(() => openCredentials(boxKey, 'c1', changed)).toThrow(corrupt);
});

it('does not take something else that was sealed for the camera', () => {
  const sealed = boxKey.seal(Buffer.from('{"username":"x"}'), 'camera-credentials:c1');
  const garbage = boxKey.seal(Buffer.from('not JSON'), 'camera-credentials:c1');
  const corrupt = expect.objectContaining({
    ...{ kind: 'corrupt', hint: expect.stringContaining('password') as string },
  }) as Error;
  expect(() => openCredentials(boxKey, 'c1', sealed)).toThrow(corrupt);
  expect(() => openCredentials(boxKey, 'c1', garbage)).toThrow(corrupt);
});

it('holds no readable password, and prints none', () => {
  const sealed = sealCredentials(boxKey, 'c1', credentials);
  const opened = openCredentials(boxKey, 'c1', sealed);
  const lines: string[] = [];
  createLog((line) => lines.push(line)).info(
    { it: `${String(opened.password)} ${CANARY}` },
    CANARY,
  );
  const texts = [
    ...[sealed.toString('latin1'), sealed.toString('utf8'), inspect(opened, { depth: 9 })],
    ...[JSON.stringify(opened), String(opened.password), ...lines],
  ];
  for (const text of texts) expect(text).not.toContain('canary-7d20');
});
