/** Screens that nobody sees first; the page loads them once its first picture is there. */

export { Adults } from './Adults.tsx';
export { Badges } from './Badges.tsx';
export { Before } from './Before.tsx';
export { Board } from './Board.tsx';
export { CardEntry } from './CardEntry.tsx';
export { Game } from './Game.tsx';
export { ResultScreen } from './ResultScreen.tsx';
