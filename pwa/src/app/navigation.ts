/** Screens and the browser's back button: back always leads home, or to the choice of children. */

import { appState, setState, type Screen } from './state.ts';

const ROOTS: readonly Screen['name'][] = ['who', 'home', 'loading'];

/** Show a screen. A root replaces the entry in the history, any other lies on top of it. */
export function go(screen: Screen): void {
  const onRoot = ROOTS.includes(appState().screen.name);
  if (ROOTS.includes(screen.name)) {
    if (!onRoot && (history.state as { over?: boolean } | null)?.over) history.back();
  } else if (onRoot) {
    history.pushState({ over: true }, '');
  }
  setState({ screen });
  window.scrollTo(0, 0);
}

let inAGame: (() => void) | null = null;

/** Back, which on many tablets is a swipe from the edge, pauses a game; null once it is over. */
export function onBackInAGame(pause: (() => void) | null): void {
  inAGame = pause;
}

export function watchBackButton(): void {
  window.addEventListener('popstate', () => {
    const { screen, currentId } = appState();
    if (screen.name === 'game' && inAGame) {
      history.pushState({ over: true }, '');
      inAGame();
      return;
    }
    if (!ROOTS.includes(screen.name)) setState({ screen: { name: currentId ? 'home' : 'who' } });
  });
}
