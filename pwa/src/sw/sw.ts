/** The service worker: opens the app without a network, and sends the outbox when there is one
 * again, even with no page open. */

import { ExpirationPlugin } from 'workbox-expiration';
import { setCacheNameDetails } from 'workbox-core';
import { addPlugins, cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { CacheFirst } from 'workbox-strategies';

import { drain, SYNC_TAG } from '../outbox/drain.ts';
import { CHECKED_FILES, CHECKED_KINDS, isOfItsType } from './checked.ts';

declare const self: ServiceWorkerGlobalScope & {
  __WB_MANIFEST: (string | { url: string; revision: string | null })[];
};

/** Background Sync is in no TypeScript library yet. */
interface SyncEvent extends ExtendableEvent {
  tag: string;
  lastChance: boolean;
}

/** Renamed when the checks were added: what earlier releases cached is not used. */
const ASSETS = 'neuroplay-assets-v2';
setCacheNameDetails({ precache: 'checked-precache-v1' });
const A_YEAR_S = 365 * 24 * 60 * 60;

/** The page for adults and its files: always from the server, and never kept. */
const ADULTS = /^\/teacher(-assets)?(\/|$)/;

addPlugins([CHECKED_FILES]);
precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();

registerRoute(
  ({ request, url }) => ['image', 'audio', 'font'].includes(request.destination) && !ADULTS.test(url.pathname),
  new CacheFirst({
    cacheName: ASSETS,
    plugins: [CHECKED_KINDS, new ExpirationPlugin({ maxEntries: 500, maxAgeSeconds: A_YEAR_S })],
  }),
);

const startPage = createHandlerBoundToURL('/index.html');
registerRoute(
  new NavigationRoute(
    // If the cache was emptied and the server has a newer page than this worker knows, use that
    // one.
    (asked) => Promise.resolve(startPage(asked)).catch(() => fetch(asked.request)),
    { denylist: [/^\/(api|health|metrics|docs|ops|openapi\.json)/, ADULTS] },
  ),
);

self.addEventListener('sync', (event) => {
  const sync = event as SyncEvent;
  if (sync.tag !== SYNC_TAG) return;
  sync.waitUntil(
    drain((url, init) => fetch(url, init)).then((report) => {
      if (!report.again) return undefined;
      // On a rejection the browser tries again, until its last chance; then register once more.
      if (!sync.lastChance) throw new Error('not all sent');
      const registration = self.registration as ServiceWorkerRegistration & {
        sync: { register(tag: string): Promise<void> };
      };
      return registration.sync.register(SYNC_TAG);
    }),
  );
});

self.addEventListener('message', (event) => {
  // An update waits until the page says that nobody is in the middle of a game.
  if (event.data === 'use-the-update') void self.skipWaiting();
  if (event.data === 'take-this-page') event.waitUntil(self.clients.claim());
});

/** Wrong files in the cache of an earlier release: some or all of its pages do not work. */
const broken = brokenFiles();

async function brokenFiles(): Promise<string[]> {
  const old = (await caches.keys()).filter((name) => name.startsWith('workbox-precache-'));
  const found = await Promise.all(
    old.map(async (name) => {
      const cache = await caches.open(name);
      const wrong = await Promise.all(
        (await cache.keys()).map(async (request) => {
          const response = await cache.match(request);
          return response && !(await isOurs(request.url, response)) ? [request.url] : [];
        }),
      );
      return wrong.flat();
    }),
  );
  return found.flat();
}

/** Also looks into a page: a filter's page is of the right type. */
async function isOurs(url: string, response: Response): Promise<boolean> {
  if (!isOfItsType(url, response)) return false;
  return !new URL(url).pathname.endsWith('.html') || (await response.text()).includes('id="root"');
}

self.addEventListener('install', (event) => {
  // Nobody could press "Update" on such a page.
  event.waitUntil(broken.then((files) => (files.length > 0 ? self.skipWaiting() : undefined)));
  event.waitUntil(areForAdults().then((yes) => (yes ? self.skipWaiting() : undefined)));
});

/** Whether pages are open, and all at the adults' addresses: there the worker of an earlier release answered with
 * the app, which loads the page again when this worker takes over. No game is open that it could interrupt. */
async function areForAdults(): Promise<boolean> {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return pages.length > 0 && pages.every(({ url }) => ADULTS.test(new URL(url).pathname));
}

/** Reload the pages of an earlier release whose start files were wrong: they are empty. */
async function beginAgain(): Promise<void> {
  if (!(await broken).some((url) => /\/index[^/]*$/.test(new URL(url).pathname))) return;
  const pages = await self.clients.matchAll({ type: 'window' });
  await Promise.all(pages.map((page) => page.navigate(page.url).catch(() => null)));
}

// The first worker takes the page that installed it, so that it is offline-ready at once.
self.addEventListener('activate', (event) => {
  const claimed = self.clients.claim();
  event.waitUntil(Promise.all([claimed, dropOldCaches()]));
  // Not awaited: reloading pages wait for this worker, which answers only once it is active.
  void claimed.then(beginAgain);
});

/** Delete our own earlier caches; Workbox deletes its own. The outbox is in no cache. */
async function dropOldCaches(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith('neuroplay-') && name !== ASSETS);
  await Promise.all(old.map((name) => caches.delete(name)));
}
