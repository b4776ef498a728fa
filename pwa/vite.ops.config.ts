import { defineConfig } from 'vite';

import { DIST } from './build/dist.ts';
import { buildTarget } from './build/engines.ts';

/** /ops, the operator's page: apart from the app, so that no tablet loads or keeps any of it. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: DIST,
    emptyOutDir: false,
    assetsDir: 'ops-assets',
    target: buildTarget(),
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: { input: 'ops.html' },
  },
});
