import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import { TestApi } from '../../doubles/test-api.ts';

/** Written anew by `npx vitest run --config tests/vitest.config.ts tests/unit/api/openapi -u`. */
const REFERENCE = fileURLToPath(new URL('../../../docs/ref/openapi.json', import.meta.url));

it('is described as docs/ref/openapi.json says', async () => {
  const box = await TestApi.start();
  const response = await box.send({ url: '/api/openapi.json' });
  await box.close();
  const text = await format(response.body, { parser: 'json', printWidth: 100, tabWidth: 1 });
  await expect(text).toMatchFileSnapshot(REFERENCE);
});
