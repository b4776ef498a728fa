/** Loads each game's code when it is played. */

import table from '../../../neuroplay/core/game_catalogue.json';
import type { GameModule } from './types.ts';

/** By game id, which is the name of the folder. */
const GAMES: Record<string, () => Promise<GameModule>> = Object.fromEntries(
  Object.entries(import.meta.glob<GameModule>('./*/module.ts', { import: 'module' })).map(([path, load]) => [path.split('/')[1], load]),
);

/** Load a game. Rejects if it is not playable or its code cannot be loaded. */
export async function loadGame(gameType: string): Promise<GameModule> {
  const load = GAMES[gameType];
  if (!load) throw new Error(`no such game: ${gameType}`);
  return load();
}

/** Ids of the playable games, in catalogue order. */
export function listPlayable(): string[] {
  return table.games.filter(({ id, playable }) => playable && id in GAMES).map(({ id }) => id);
}
