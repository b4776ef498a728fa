import type { KnownStudent } from '../outbox/store.ts';
import { gameOf } from './catalogue.ts';

export type Levels = readonly [lowest: number, highest: number];

/** Of a game that this build does not know. */
const ANY_LEVELS: Levels = [0, 99];

const MOST_LANTERNS = 5;

/** The lowest and the highest level of a game's rules in this build. */
export function levelsOf(gameType: string): Levels {
  return gameOf(gameType)?.levels ?? ANY_LEVELS;
}

/** Level of the next round: the rules' choice on this tablet, else the one that the server knows, else
 * the lowest. */
export function difficultyOf(student: KnownStudent, gameType: string): number {
  const levels = levelsOf(gameType);
  const known =
    student.settings.difficulty[gameType] ??
    student.me?.games.find((game) => game.game_type === gameType)?.difficulty ??
    levels[0];
  return nearest(levels, Math.round(known));
}

/** What people see of a level: how hard it is among its game's, 1 to 5 lanterns. */
export function lanternsOf(gameType: string, level: number): number {
  return lanternsIn(levelsOf(gameType), level);
}

export function lanternsIn(levels: Levels, level: number): number {
  const [lowest, highest] = levels;
  return 1 + Math.floor(((nearest(levels, level) - lowest) * MOST_LANTERNS) / (highest - lowest + 1));
}

function nearest([lowest, highest]: Levels, level: number): number {
  return Math.min(highest, Math.max(lowest, level));
}
