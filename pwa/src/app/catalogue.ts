/** The game catalogue, from the table that the server reads too. */

import { games } from '../../../neuroplay/core/game_catalogue.json';
import type { Language } from '../i18n/text.ts';

export interface CatalogueGame {
  id: string;
  /** The lowest and the highest level of the rules' current version. */
  levels: [number, number];
  names: Record<Language, string>;
  /** How to play, and with which controls; a game without them shows only its preview. */
  how?: Record<Language, string> | undefined;
  keys?: Record<Language, string> | undefined;
  skill: string;
  par_score: number;
  playable: boolean;
}

export const CATALOGUE: readonly CatalogueGame[] = games.map((game) => ({
  ...game,
  levels: game.levels as [number, number],
}));

/** Ids of the games that can be played, in catalogue order. */
export const PLAYABLE: readonly string[] = CATALOGUE.filter(({ playable }) => playable).map(({ id }) => id);

export function gameOf(gameType: string): CatalogueGame | undefined {
  return CATALOGUE.find(({ id }) => id === gameType);
}
