import { expect, it } from 'vitest';
import * as camera from '../../../server/contract/camera.ts';
import * as exports from '../../../server/contract/export.ts';
import * as health from '../../../server/contract/health.ts';
import * as problem from '../../../server/contract/problem.ts';
import * as protectedRanges from '../../../server/contract/protected.ts';
import * as recording from '../../../server/contract/recording.ts';
import * as session from '../../../server/contract/session.ts';
import * as setup from '../../../server/contract/setup.ts';
import * as storage from '../../../server/contract/storage.ts';

/** Every object schema inside a value, with the way to it. */
function* objects(value: unknown, path: string): Generator<[string, Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return;
  const fields = value as Record<string, unknown>;
  if (fields['type'] === 'object' && 'properties' in fields) yield [path, fields];
  for (const [key, child] of Object.entries(fields)) yield* objects(child, `${path}.${key}`);
}

const nouns = {
  camera,
  exports,
  health,
  problem,
  recording,
  session,
  setup,
  storage,
  protectedRanges,
};
const schemas = [...objects(nouns, 'contract')];

it('finds the schemas', () => {
  expect(schemas.length).toBeGreaterThan(20);
});

it.each(schemas)('%s refuses unknown fields', (_path, schema) => {
  expect(schema['additionalProperties']).toBe(false);
});

it('never returns a password', () => {
  for (const answer of [camera.Camera, camera.AddedCamera, camera.CameraTest, session.Session]) {
    expect(JSON.stringify(answer)).not.toContain('"password"');
  }
});
