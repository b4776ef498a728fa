import { existsSync } from 'node:fs';

import { defineConfig } from 'vite';

import { DIST } from './build/dist.ts';

const ENTRY = 'src/games/rules_bundle.ts';
if (!existsSync(new URL(ENTRY, import.meta.url))) throw new Error(`${ENTRY} is missing`);

/** rules.js: the games' rules alone, for an engine without a page (`globalThis.neuroplayRules`). */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: DIST,
    emptyOutDir: false,
    target: 'es2020',
    reportCompressedSize: false,
    lib: { entry: ENTRY, formats: ['iife'], name: 'neuroplayRules', fileName: () => 'rules.js' },
  },
});
