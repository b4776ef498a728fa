/** The service worker: installed at the first visit, updated between games and never in one. */

import { appState, setState, subscribe } from './state.ts';

const LOOK_EVERY_MS = 60 * 60_000;

let waiting: ServiceWorker | null = null;
let hadController = false;

export async function watchForUpdates(): Promise<void> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return;
  hadController = navigator.serviceWorker.controller !== null;
  try {
    const registration = await navigator.serviceWorker.register('/sw.js');
    const offer = () => {
      // Without a controller this is the first installation, not an update.
      if (!registration.waiting || !navigator.serviceWorker.controller) return;
      waiting = registration.waiting;
      setState({ updateReady: true });
    };
    offer();
    navigator.serviceWorker.addEventListener('controllerchange', reloadBetweenGames);
    registration.addEventListener('updatefound', () => {
      registration.installing?.addEventListener('statechange', offer);
    });
    setInterval(() => void registration.update().catch(() => undefined), LOOK_EVERY_MS);
  } catch {
    // No https, or storage is forbidden: the app works online.
  }
}

/** Take the new app. Only offered outside of games; other pages of this tablet follow. */
export function useTheUpdate(): void {
  waiting?.postMessage('use-the-update');
}

/** A page that goes on with the old app under a new worker may miss parts that it has not loaded
 * yet: it begins anew, but never in the middle of a game or before its result was seen. */
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
