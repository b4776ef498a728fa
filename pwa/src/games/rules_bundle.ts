/** The rules of all games for an engine without a DOM. Built into rules.js. A game is in it when its
 * folder has a `rules_verified.ts`. */

import type { VerifiedGame } from './engine/verified.ts';

const found = import.meta.glob<VerifiedGame>('./*/rules_verified.ts', { eager: true, import: 'verified' });

/** By game id, which is the name of the folder. */
export const games: Record<string, VerifiedGame> = Object.fromEntries(
  Object.entries(found).map(([path, game]) => [path.split('/')[1], game]),
);
