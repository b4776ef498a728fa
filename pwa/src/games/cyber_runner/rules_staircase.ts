/** The level of the next round, so that about four of five answers are right. The server has the
 * same rule (neuroplay/core/entities/difficulty.py). */

const UP_AT = 88;
const DOWN_BELOW = 68;
/** Fewer answers say too little to make it easier. */
const FEWEST_ANSWERS = 10;
const EASIEST = 1;
const HARDEST = 5;

/** After a round at `level` with `right` of `total` answers. */
export function nextLevel(level: number, right: number, total: number, completed: boolean): number {
  if (completed && total > 0 && right * 100 >= UP_AT * total) return Math.min(level + 1, HARDEST);
  if (total >= FEWEST_ANSWERS && right * 100 < DOWN_BELOW * total) return Math.max(level - 1, EASIEST);
  return level;
}
