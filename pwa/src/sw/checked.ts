/** Checks what enters the caches. Otherwise a filter's page that comes with status 200 in place
 * of a file would stay there for as long as the release. The precache requests each file with
 * its hash (`integrity`, added to the list by the build), so a foreign or truncated file fails
 * the installation as a whole, and it is retried. The type is checked too, because no browser
 * runs a script that is labelled as a page. */

import type { WorkboxPlugin } from 'workbox-core';

const TYPES: Readonly<Record<string, RegExp>> = {
  js: /^(text|application)\/javascript\b/i,
  css: /^text\/css\b/i,
  html: /^text\/html\b/i,
  svg: /^image\/svg\+xml\b/i,
  png: /^image\/png\b/i,
  webmanifest: /^application\/(manifest\+)?json\b/i,
};

export function isOfItsType(url: string, response: Response): boolean {
  const path = new URL(url).pathname;
  const expected = TYPES[path.slice(path.lastIndexOf('.') + 1)];
  return !expected || expected.test(response.headers.get('content-type') ?? '');
}

export const CHECKED_FILES: WorkboxPlugin = {
  // Revalidate: the browser's own cache may hold the filter's page.
  requestWillFetch: async ({ request }) => (request.mode === 'navigate' ? request : new Request(request, { cache: 'no-cache' })),
  fetchDidSucceed: async ({ request, response }) => {
    if (!isOfItsType(request.url, response)) throw new TypeError(`${request.url} came as another type`);
    return response;
  },
};

/** For files cached on first use: only complete ones, of the requested kind. */
export const CHECKED_KINDS: WorkboxPlugin = {
  cacheWillUpdate: async ({ request, response }) => {
    const type = response.headers.get('content-type') ?? '';
    const isAsked = type.startsWith(`${request.destination}/`);
    return response.status === 200 && !response.redirected && isAsked ? response : null;
  },
};
