/** Neo in a page that React does not draw: on the board of a game. */

import { createRoot } from 'react-dom/client';

import { Neo, type Mood } from './Neo.tsx';

export interface LivingNeo {
  mood(mood: Mood): void;
  remove(): void;
}

export function neoIn(host: HTMLElement, mood: Mood = 'idle'): LivingNeo {
  const root = createRoot(host);
  const show = (one: Mood) => root.render(<Neo mood={one} />);
  show(mood);
  return { mood: show, remove: () => root.unmount() };
}
