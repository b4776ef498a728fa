/** Neo in a page that React does not draw: on the board of a game. */

import { createRoot } from 'react-dom/client';

import { Neo, type Mood } from './Neo.tsx';

export interface LivingNeo {
  mood(mood: Mood): void;
  remove(): void;
}

export function neoIn(host: HTMLElement, mood: Mood = 'idle'): LivingNeo {
  const root = createRoot(host);
  let shown: Mood | undefined;
  const show = (one: Mood) => {
    if (one !== shown) root.render(<Neo mood={one} />);
    shown = one;
  };
  show(mood);
  // Later: the page around it may be rendering now.
  return { mood: show, remove: () => queueMicrotask(() => root.unmount()) };
}
