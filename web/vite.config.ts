/** How the page is built: `vite build --config web/vite.config.ts`, into dist/page. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  // Answers of the box are never cached by the build tool's own servers either.
  appType: 'spa',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: here('../dist/page'),
    emptyOutDir: true,
    // Browsers of the last three years: ManagedMediaSource is on iPhones from 17.1.
    target: ['chrome110', 'firefox115', 'safari16.4'],
    // `default-src 'self'` has no room for data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // hls.js, a chunk of its own, is 350 kB before compression.
    chunkSizeWarningLimit: 700,
  },
});
