/** The service worker: installed at the first visit, updated between games and never in one. */

import { appState, setState, subscribe } from './state.ts';

const LOOK_EVERY_MS = 60 * 60_000;

const TRY_AGAIN_MS = { first: 5_000, most: 10 * 60_000 };

let waiting: ServiceWorker | null = null;
let hadController = false;

export async function watchForUpdates(): Promise<void> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return;
  hadController = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener('controllerchange', reloadBetweenGames);
  const registration = await installed();
  // A page that was just loading when the worker began is nobody's, until it asks.
  if (!navigator.serviceWorker.controller) registration.active?.postMessage('take-this-page');
  const offer = () => {
    // Without a controller this is the first installation, not an update.
    if (!registration.waiting || !navigator.serviceWorker.controller) return;
    waiting = registration.waiting;
    setState({ updateReady: true });
  };
  offer();
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', offer);
  });
  setInterval(() => void registration.update().catch(() => undefined), LOOK_EVERY_MS);
}

/** The registration, once it has a worker. A first installation fails as a whole when one of its
 * files does not come, and no browser tries again before the next visit: we do. */
async function installed(): Promise<ServiceWorkerRegistration> {
  for (let pause = TRY_AGAIN_MS.first; ; pause = Math.min(2 * pause, TRY_AGAIN_MS.most)) {
    try {
      const registration = await navigator.serviceWorker.register('/sw.js');
      if (registration.active || (await succeeds(registration.installing))) return registration;
    } catch {
      // No network, no https, or storage is forbidden: until then the app works online.
    }
    await new Promise((resolve) => {
      setTimeout(resolve, pause);
      addEventListener('online', resolve, { once: true });
    });
  }
}

function succeeds(worker: ServiceWorker | null): Promise<boolean> {
  return new Promise((resolve) => {
    const look = () => {
      if (!worker || worker.state === 'redundant') resolve(false);
      else if (worker.state === 'activated') resolve(true);
    };
    worker?.addEventListener('statechange', look);
    look();
  });
}

/** Take the new app. Only offered outside of games; other pages of this tablet follow. */
export function useTheUpdate(): void {
  waiting?.postMessage('use-the-update');
}

/** A part of the app did not load. boot.js looks whether our server is there, and if so begins again
 * with fresh files; not where that would lose a game. */
export function reportMissingPart(): void {
  if (appState().unsaved === 0) dispatchEvent(new Event('neuroplay-part-missing'));
}

/** A page that goes on with the old app under a new worker may miss parts that it has not loaded
 * yet: it reloads, but never in the middle of a game or before its result was seen. */
function reloadBetweenGames(): void {
  if (!hadController) {
    hadController = true; // the first worker took this page: that is no update
    return;
  }
  const tryNow = () => {
    const { screen, unsaved } = appState();
    if (!['game', 'result'].includes(screen.name) && unsaved === 0) location.reload();
  };
  tryNow();
  subscribe(tryNow);
}
