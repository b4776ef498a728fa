/** Screens that are never shown first. The page loads them after its first screen. */

import './more.css';

export { Adults } from './Adults.tsx';
export { Badges } from './Badges.tsx';
export { Before } from './Before.tsx';
export { Board } from './Board.tsx';
export { CardEntry } from './CardEntry.tsx';
export { Game } from './Game.tsx';
export { ResultScreen } from './ResultScreen.tsx';
export { Sleepy } from './Sleepy.tsx';
export { Wardrobe } from './Wardrobe.tsx';
