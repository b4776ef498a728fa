/** Drawings that the first screen can wait for. They load in one chunk after it. */

export { GOALS } from './goals.tsx';
export { HATS } from './hats.tsx';
export { NightScene } from './NightScene.tsx';
export { PaperCity } from './PaperCity.tsx';
