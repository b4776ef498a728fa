/** Screens and the browser's Back button: Back always leads home, or to the choice of students. */

import { appState, setState, type Screen } from './state.ts';

const ROOTS: readonly Screen['name'][] = ['who', 'home', 'loading'];

/** Show a screen. All roots share one history entry; any other screen adds one on top. */
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

/** Set what Back does during a game: pause it, since on many tablets Back is a swipe from the
 * edge. Null after the game. */
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
