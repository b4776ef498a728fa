import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { defineConfig, minifySync, type Plugin } from 'vite';
import { injectManifest } from 'workbox-build';

import { DIST } from './build/dist.ts';
import { buildTarget } from './build/engines.ts';
import { precompress } from './build/precompress.ts';
import { withBootWords } from './build/words.ts';

/** Gives boot.js, which no bundle holds, its words and makes it small; gives the service worker the list of files to
 * precache; then compresses all of them. */
function precacheManifest(): Plugin {
  return {
    name: 'neuroplay-precache-manifest',
    apply: 'build',
    async closeBundle() {
      const boot = join(DIST, 'boot.js');
      writeFileSync(boot, minifySync(boot, await withBootWords(readFileSync(boot, 'utf8'))).code);
      const worker = join(DIST, 'sw.js');
      const { count, size, warnings } = await injectManifest({
        swSrc: worker,
        swDest: worker,
        globDirectory: DIST,
        globPatterns: ['index.html', 'boot.js', 'manifest.webmanifest', 'assets/**', 'icons/**'],
        globIgnores: ['**/*.gz', '**/*.br', '**/*.map'],
        // Vite puts a hash into these names: the browser needs no second check.
        dontCacheBustURLsMatching: /^assets\//,
        maximumFileSizeToCacheInBytes: 3_000_000,
        // The browser compares each file with its hash before it enters the cache.
        manifestTransforms: [
          (entries) => ({
            manifest: entries.map((entry) => ({ ...entry, integrity: integrityOf(join(DIST, entry.url)) })),
          }),
        ],
      });
      if (warnings.length) throw new Error(warnings.join('\n'));
      console.log(`precache: ${count} files, ${Math.round(size / 1000)} kB`);
      precompress(DIST);
    },
  };
}

function integrityOf(file: string): string {
  return `sha384-${createHash('sha384').update(readFileSync(file)).digest('base64')}`;
}

/** /sw.js, without a hash in its name: its address must never change. */
export default defineConfig({
  publicDir: false,
  plugins: [precacheManifest()],
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: DIST,
    emptyOutDir: false,
    target: buildTarget(),
    reportCompressedSize: false,
    lib: { entry: 'src/sw/sw.ts', formats: ['iife'], name: 'sw', fileName: () => 'sw.js' },
  },
});
