import type { KnownStudent } from '../outbox/store.ts';

/** The difficulty of the next round: what the staircase on this tablet said, else what the server
 * knows was played last, else the easiest. */
export function difficultyOf(student: KnownStudent, gameType: string): number {
  const known =
    student.settings.difficulty[gameType] ??
    student.me?.games.find((game) => game.game_type === gameType)?.difficulty ??
    1;
  return Math.min(5, Math.max(1, Math.round(known)));
}
