import { defineConfig } from 'vite';

import { DIST } from './build/dist.ts';
import { buildTarget } from './build/engines.ts';
import { markdown } from './build/markdown.ts';

/** /teacher, the page for adults: apart from the app, so that no tablet loads or keeps any of it. */
export default defineConfig({
  publicDir: false,
  plugins: [markdown()],
  resolve: { alias: { react: 'preact/compat', 'react-dom': 'preact/compat' } },
  build: {
    outDir: DIST,
    emptyOutDir: false,
    assetsDir: 'teacher-assets',
    target: buildTarget(),
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { input: 'teacher.html' },
  },
});
