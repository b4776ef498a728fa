/** Keeping the app on the tablet, where the browser lets a page offer it. */

import * as store from '../outbox/store.ts';
import { setState } from './state.ts';

/** Chromium's event; it is in no TypeScript library. */
interface InstallPrompt extends Event {
  prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

const DISMISSED = 'install-dismissed';
const PLAYED = 'played';

let offered: InstallPrompt | null = null;

/** Listen before anything else: the browser offers once, early. */
export function watchForInstall(): void {
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault(); // we ask at a better moment
    offered = event as InstallPrompt;
    void show('browser');
  });
  window.addEventListener('appinstalled', () => setState({ installBy: null }));
  // Only Safari on a tablet or telephone knows `standalone`; it has no event.
  if ((navigator as { standalone?: boolean }).standalone === false) void show('hand');
  void store.remembered(PLAYED).then(
    (played) => played && setState({ hasPlayed: true }),
    () => undefined,
  );
}

async function show(by: 'browser' | 'hand'): Promise<void> {
  const dismissed = await store.remembered(DISMISSED).catch(() => undefined);
  if (!dismissed) setState({ installBy: by });
}

/** A first game was finished on this tablet. */
export function hasPlayed(): void {
  setState({ hasPlayed: true });
  void store.remember(PLAYED, 'yes').catch(() => undefined);
}

export async function install(): Promise<void> {
  setState({ installBy: null });
  const outcome = await offered?.prompt();
  offered = null;
  if (outcome?.outcome === 'dismissed') dismissInstall();
  // An installed app is more often granted storage that is never evicted.
  else void navigator.storage?.persist?.().catch(() => false);
}

export function dismissInstall(): void {
  setState({ installBy: null });
  void store.remember(DISMISSED, 'yes').catch(() => undefined);
}
