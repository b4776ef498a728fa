/** From an opened page to the first screen. */

import { language, setLanguage } from '../i18n/index.ts';
import * as store from '../outbox/store.ts';
import { choose, enter, takeCardFromAddress } from './actions.ts';
import { watchForInstall } from './install.ts';
import { go, watchBackButton } from './navigation.ts';
import { refresh, watchForSending } from './sending.ts';
import { appState, setState } from './state.ts';
import { watchForUpdates } from './updates.ts';

export async function start(): Promise<void> {
  setLanguage(language());
  watchForInstall();
  // First of all: nothing may be asked of the network while a card stands in the address.
  const card = takeCardFromAddress();
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

async function enterWithCard(card: { classCode: string; cardCode: string }): Promise<void> {
  const result = await enter(card.classCode, card.cardCode);
  if (result.kind !== 'in') go({ name: 'card', scanned: card, problem: result });
}

/** The child who played last is at home again; with several on this tablet they choose. */
async function showFirstScreen(): Promise<void> {
  const { students } = appState();
  const last = Number(await store.remembered('current'));
  const present = students.filter(({ access }) => access !== 'signed-out');
  if (present.length === 1 && present[0]?.id === last) await choose(last);
  else setState({ screen: { name: 'who' } });
}
