import { defineConfig } from 'vite';

import { DIST } from './build/dist.ts';

/** /ops, the operator's page: apart from the app, so that no tablet loads or keeps any of it. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: DIST,
    emptyOutDir: false,
    assetsDir: 'ops-assets',
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: { input: 'ops.html' },
  },
});
