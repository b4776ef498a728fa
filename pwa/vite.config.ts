import { defineConfig } from 'vitest/config';

import { DIST } from './build/dist.ts';
import { buildTarget } from './build/engines.ts';
import { withNoScript } from './build/words.ts';

/** Tests of modules that keep no state. One process runs many of these files; the others get a new one each. */
const PURE = ['build/**/*.test.ts', 'src/games/**/*.test.ts', 'src/{contract,i18n,ops}/**/*.test.ts'];

const gameOf = (file?: string | null) => /games\/(\w+)\/module\.ts$/.exec(file ?? '')?.[1];

/** The page: shell first, each game behind its own dynamic import. */
export default defineConfig({
  plugins: [{ name: 'neuroplay-no-script', transformIndexHtml: withNoScript }],
  // Written for React and run by Preact, a seventh of its size (docs/adr/0036).
  resolve: { alias: { react: 'preact/compat', 'react-dom': 'preact/compat' } },
  build: {
    outDir: DIST,
    emptyOutDir: true,
    target: buildTarget(),
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // A game's script and style have the game's name, not that of their file.
        chunkFileNames: ({ facadeModuleId }) => `assets/${gameOf(facadeModuleId) ?? '[name]'}-[hash].js`,
        assetFileNames: ({ originalFileNames }) => `assets/${gameOf(originalFileNames[0]) ?? '[name]'}-[hash][extname]`,
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:5000' } },
  test: {
    environment: 'node',
    testTimeout: 60_000,
    css: { include: [/\?raw/] },
    projects: [
      { extends: true, test: { name: 'pure', isolate: false, include: PURE } },
      { extends: true, test: { name: 'others', include: ['src/**/*.test.{ts,tsx}'], exclude: PURE } },
    ],
  },
});
