/** The size of the page as the box sends it. Built by set-up, or by `vite build`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BuiltPage, readBuiltPage } from '../../../server/api/built-page.ts';
import { PACKAGE_ROOT } from '../../../server/config.ts';

/** A budget of the design: all of the page but what plays recordings. */
const PAGE_MAX_BYTES = 120_000;

/** Words that stand in every build of hls.js and in nothing of ours. */
const IS_HLS = /hlsjs|hls\.js/;

const folder = join(PACKAGE_ROOT, 'dist', 'page');

describe('the built page', () => {
  let page: BuiltPage;
  let texts: [address: string, text: string][];

  beforeAll(async () => {
    page = await readBuiltPage(folder);
    texts = [...page].map(([address, { bytes }]) => [address, bytes.toString()]);
  });

  const player = (): string[] =>
    texts
      .filter(([address, text]) => address.endsWith('.js') && IS_HLS.test(text))
      .map(([address]) => address);

  it('is at most 120 kB without what plays recordings', () => {
    const sizes = [...page]
      .filter(([address]) => !player().includes(address))
      .map(([, { bytes, gzip }]) => (gzip ?? bytes).length);
    expect(sizes.length).toBeGreaterThanOrEqual(3);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(PAGE_MAX_BYTES);
  });

  it('asks for the player of recordings only when it is needed', () => {
    const names = player().map((address) => address.split('/').at(-1) ?? '');
    expect(names).toHaveLength(1);
    const html = readFileSync(join(folder, 'index.html'), 'utf8');
    // `import("./x.js")` is asked for later, `from"./x.js"` and a preload at once.
    const atOnce = texts.filter(([, text]) =>
      names.some((name) => new RegExp(`(?:from|import)\\s*["']\\./${name}["']`).test(text)),
    );
    expect(atOnce.map(([address]) => address)).toEqual([]);
    expect(names.filter((name) => html.includes(name))).toEqual([]);
  });

  it('names no other origin', () => {
    const addresses = texts.flatMap(([address, text]) =>
      [...text.matchAll(/\b(?:https?|wss?):\/\/[\w.-]+/g)].map(([found]) => `${address}: ${found}`),
    );
    // Names of XML vocabularies are no addresses; hls.js has some for keys that we do not use.
    const ours = addresses.filter((line) => !player().some((name) => line.startsWith(name)));
    expect(ours.filter((line) => !line.includes('http://www.w3.org'))).toEqual([]);
  });
});
