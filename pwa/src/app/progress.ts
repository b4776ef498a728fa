/** The XP rules, applied at once. The server applies the same ones and has the last word
 * (neuroplay/core/rules/xp.py). */

const RATING_XP = { excellent: 100, good: 50, average: 20, needs_improvement: 0 };

export type Rating = keyof typeof RATING_XP;

export function ratingOf(accuracy: number, completed: boolean): Rating {
  if (completed && accuracy >= 0.85) return 'excellent';
  if (completed && accuracy >= 0.7) return 'good';
  return accuracy >= 0.5 ? 'average' : 'needs_improvement';
}

export function xpOf(round: { score: number; accuracy: number; completed: boolean }): number {
  const bonus = round.completed ? 50 : 0;
  return round.score + bonus + RATING_XP[ratingOf(round.accuracy, round.completed)];
}

/** level = 1 + isqrt(xp // 50) */
export function levelOf(xp: number): number {
  return 1 + Math.floor(Math.sqrt(Math.floor(xp / 50)));
}

/** XP at which a level begins. */
export function xpAt(level: number): number {
  return 50 * (level - 1) ** 2;
}

export function starsOf(rating: Rating): number {
  return { excellent: 3, good: 2, average: 1, needs_improvement: 1 }[rating];
}
