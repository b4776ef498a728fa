/** The one door to the games: each is loaded when it is played. */

import table from '../../../neuroplay/core/game_catalogue.json';
import type { GameModule } from './types.ts';

const GAMES: Record<string, () => Promise<GameModule>> = {
  cyber_runner: () => import('./cyber_runner/cyber_runner.ts'),
};

/** Rejects for a game that cannot be played, and where its code cannot be loaded. */
export async function loadGame(gameType: string): Promise<GameModule> {
  const load = GAMES[gameType];
  if (!load) throw new Error(`no such game: ${gameType}`);
  return load();
}

/** Ids of the catalogue's games that can be played, in its order. */
export function listPlayable(): string[] {
  return table.games.filter(({ id, playable }) => playable && id in GAMES).map(({ id }) => id);
}
