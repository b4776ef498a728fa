/** The rules of all games for an engine without a DOM. Built into rules.js. Each version that was ever
 * released has a file `rules_verified*.ts` in its game's folder, which exports it as `verified`. */

import type { VerifiedGame } from './engine/verified.ts';

const found = import.meta.glob<VerifiedGame>('./*/rules_verified*.ts', { eager: true, import: 'verified' });

/** By game and version, as `cyber_runner@1`. A game's id is the name of its folder. */
export const games: Record<string, VerifiedGame> = Object.fromEntries(
  Object.entries(found).map(([path, game]) => [`${path.split('/')[1]}@${game.version}`, game]),
);
