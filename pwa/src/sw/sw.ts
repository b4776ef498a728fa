/** The service worker: the app opens without a network, and what is in the outbox is sent when
 * there is one again, even with no page open. */

import { ExpirationPlugin } from 'workbox-expiration';
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { CacheFirst } from 'workbox-strategies';

import { drain, SYNC_TAG } from '../outbox/drain.ts';

declare const self: ServiceWorkerGlobalScope & {
  __WB_MANIFEST: (string | { url: string; revision: string | null })[];
};

/** Background Sync is in no TypeScript library yet. */
interface SyncEvent extends ExtendableEvent {
  tag: string;
  lastChance: boolean;
}

const ASSETS = 'neuroplay-assets-v1';
const A_YEAR_S = 365 * 24 * 60 * 60;

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();

registerRoute(
  ({ request }) => ['image', 'audio', 'font'].includes(request.destination),
  new CacheFirst({
    cacheName: ASSETS,
    plugins: [new ExpirationPlugin({ maxEntries: 500, maxAgeSeconds: A_YEAR_S })],
  }),
);

registerRoute(
  new NavigationRoute(createHandlerBoundToURL('/index.html'), {
    denylist: [/^\/(api|health|metrics|docs|ops|openapi\.json)/],
  }),
);

self.addEventListener('sync', (event) => {
  const sync = event as SyncEvent;
  if (sync.tag !== SYNC_TAG) return;
  sync.waitUntil(
    drain((url, init) => fetch(url, init)).then((report) => {
      if (!report.again) return undefined;
      // A failed promise has the browser try again, until its last chance; then we ask anew.
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

// The first worker takes the page that installed it, so that it is offline-ready at once.
self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), dropOldCaches()]));
});

/** Caches of our own of an earlier kind; Workbox drops its own. The outbox is in no cache. */
async function dropOldCaches(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith('neuroplay-') && name !== ASSETS);
  await Promise.all(old.map((name) => caches.delete(name)));
}
