/** The games, from the one table that the server reads too. */

import table from '../../../neuroplay/core/game_catalogue.json';

export interface CatalogueGame {
  id: string;
  names: Record<'pt-BR' | 'en' | 'es', string>;
  skill: string;
  par_score: number;
  playable: boolean;
}

export const CATALOGUE: readonly CatalogueGame[] = table.games;

export function gameOf(gameType: string): CatalogueGame | undefined {
  return CATALOGUE.find(({ id }) => id === gameType);
}
