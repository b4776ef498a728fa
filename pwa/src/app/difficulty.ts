import type { KnownStudent } from '../outbox/store.ts';

/** Difficulty of the next round, 1 to 5: the staircase's on this tablet, else the last one that
 * the server knows, else 1. */
export function difficultyOf(student: KnownStudent, gameType: string): number {
  const known =
    student.settings.difficulty[gameType] ??
    student.me?.games.find((game) => game.game_type === gameType)?.difficulty ??
    1;
  return Math.min(5, Math.max(1, Math.round(known)));
}
