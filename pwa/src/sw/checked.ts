/** What may enter the caches: a filter's page that comes as 200 instead of a file would otherwise be that
 * file for as long as the release lasts. The precache asks for each file with its hash (`integrity`,
 * put into the list by the build), so a foreign or cut one fails the installation as a whole, and it is
 * tried again; the type is looked at too, because a browser runs no script that is called a page. */

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
  // What the browser's own cache kept of the filter must not be asked again and again.
  requestWillFetch: async ({ request }) => (request.mode === 'navigate' ? request : new Request(request, { cache: 'no-cache' })),
  fetchDidSucceed: async ({ request, response }) => {
    if (!isOfItsType(request.url, response)) throw new TypeError(`${request.url} came as another type`);
    return response;
  },
};

/** For files that are cached when they are met: only a whole one, of the kind that was asked for. */
export const CHECKED_KINDS: WorkboxPlugin = {
  cacheWillUpdate: async ({ request, response }) => {
    const type = response.headers.get('content-type') ?? '';
    const isAsked = type.startsWith(`${request.destination}/`);
    return response.status === 200 && !response.redirected && isAsked ? response : null;
  },
};
