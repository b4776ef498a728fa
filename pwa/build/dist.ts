import { fileURLToPath } from 'node:url';

/** Folder of the built PWA: package data of the Python package that serves it. */
export const DIST = fileURLToPath(new URL('../../neuroplay/api/pwa_dist', import.meta.url));
