/** From page load to the first screen, in bounded time whatever the tablet's storage does. */

import { language, setLanguage } from '../i18n/index.ts';
import * as store from '../outbox/store.ts';
import { choose, enter, settleOldRounds, takeCardFromAddress, watchStorage } from './actions.ts';
import { watchForInstall } from './install.ts';
import { go, watchBackButton } from './navigation.ts';
import { refresh, watchForSending } from './sending.ts';
import { appState, setState, type Card } from './state.ts';
import { watchForUpdates } from './updates.ts';

/** After this time, another screen replaces "Loading…". */
const SHOWN_IN_MS = 4_000;

export async function start(): Promise<void> {
  // First: no network request may be sent while the address contains a card.
  const card = takeCardFromAddress();
  setTimeout(showSomething, SHOWN_IN_MS);
  setLanguage(language());
  watchForInstall();
  watchStorage();
  watchBackButton();
  window.addEventListener('hashchange', () => {
    const scanned = takeCardFromAddress();
    if (scanned) void enterWithCard(scanned);
  });
  await refresh();
  if (card) await enterWithCard(card);
  else await showFirstScreen();
  watchForSending();
  void watchForUpdates();
  void navigator.storage?.persist?.().catch(() => false);
}

/** Show the screen that needs no data, if no other has come. */
export function showSomething(): void {
  if (appState().screen.name === 'loading') setState({ screen: { name: 'who' } });
}

async function enterWithCard(card: Card | 'unreadable'): Promise<void> {
  if (card === 'unreadable') return go({ name: 'card', problem: { kind: 'wrong' } });
  const result = await enter(card.classCode, card.cardCode);
  if (result.kind !== 'in') go({ name: 'card', scanned: card, problem: result });
}

/** Home for the last student if nobody else uses this tablet, else the choice of students. */
async function showFirstScreen(): Promise<void> {
  const { students } = appState();
  const last = Number(await store.remembered('current'));
  const present = students.filter(({ access }) => access !== 'signed-out');
  if (present.length === 1 && present[0]?.id === last) await choose(last);
  else {
    setState({ screen: { name: 'who' } });
    void settleOldRounds();
  }
}
