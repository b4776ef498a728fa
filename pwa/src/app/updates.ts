/** Installs the service worker at the first visit, and updates it between games, never during
 * one. */

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
  // A page that was loading when the worker activated is uncontrolled until it asks.
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

/** The registration, once its worker is active. A first installation fails as a whole if one
 * file does not load, and no browser retries before the next visit, so this does. */
async function installed(): Promise<ServiceWorkerRegistration> {
  for (let pause = TRY_AGAIN_MS.first; ; pause = Math.min(2 * pause, TRY_AGAIN_MS.most)) {
    try {
      const registration = await navigator.serviceWorker.register('/sw.js');
      if (registration.active || (await succeeds(registration.installing))) return registration;
    } catch {
      // No network, no https, or storage is forbidden: meanwhile the app works online.
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

/** Activate the update. Offered only outside games; other open pages follow. */
export function useTheUpdate(): void {
  waiting?.postMessage('use-the-update');
}

/** Report that a chunk of the app did not load. If our server responds, boot.js reloads the page
 * with fresh files. Not reported while that would lose a game. */
export function reportMissingPart(): void {
  if (appState().unsaved === 0) dispatchEvent(new Event('neuroplay-part-missing'));
}

/** The old app under a new worker may miss chunks that it has not loaded yet: reload, but never
 * during a game or on its result. */
function reloadBetweenGames(): void {
  if (!hadController) {
    hadController = true; // The first worker claimed this page: not an update.
    return;
  }
  const tryNow = () => {
    const { screen, unsaved } = appState();
    if (!['game', 'result'].includes(screen.name) && unsaved === 0) location.reload();
  };
  tryNow();
  subscribe(tryNow);
}
