/** Offers to install the app, where the browser allows it. */

import * as store from '../outbox/store.ts';
import { setState } from './state.ts';

/** Chromium's event, which TypeScript's DOM library lacks. */
interface InstallPrompt extends Event {
  prompt(): Promise<{ outcome: 'accepted' | 'dismissed' }>;
}

const DISMISSED = 'install-dismissed';
const PLAYED = 'played';

let offered: InstallPrompt | null = null;

/** Call this first: the browser fires its event once, early. */
export function watchForInstall(): void {
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault(); // We ask at a better moment.
    offered = event as InstallPrompt;
    void show('browser');
  });
  window.addEventListener('appinstalled', () => setState({ installBy: null }));
  // Only Safari on iOS has `standalone`; it has no event.
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

/** Remember that a game was finished on this tablet. */
export function hasPlayed(): void {
  setState({ hasPlayed: true });
  void store.remember(PLAYED, 'yes').catch(() => undefined);
}

export async function install(): Promise<void> {
  setState({ installBy: null });
  const outcome = await offered?.prompt();
  offered = null;
  if (outcome?.outcome === 'dismissed') dismissInstall();
  // Browsers are more likely to grant an installed app storage that is never evicted.
  else void navigator.storage?.persist?.().catch(() => false);
}

export function dismissInstall(): void {
  setState({ installBy: null });
  void store.remember(DISMISSED, 'yes').catch(() => undefined);
}
