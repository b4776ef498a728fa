/** The service worker: installed at the first visit, updated between games and never in one. */

import { appState, setState } from './state.ts';

const LOOK_EVERY_MS = 60 * 60_000;

let waiting: ServiceWorker | null = null;

export async function watchForUpdates(): Promise<void> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return;
  try {
    const registration = await navigator.serviceWorker.register('/sw.js');
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
  } catch {
    // No https, or storage is forbidden: the app works online.
  }
}

/** Reload with the new app. Only offered outside of games. */
export function useTheUpdate(): void {
  if (appState().screen.name === 'game') return;
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), {
    once: true,
  });
  waiting?.postMessage('use-the-update');
}
