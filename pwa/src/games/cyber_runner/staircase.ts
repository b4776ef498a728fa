/** The staircase: sets the next round's difficulty so that about four of five answers are right. */

export interface Step {
  next: number;
  /** Why, for a report: the share of right answers, and where the line was. */
  reason: string;
}

const UP_AT = 88;
const DOWN_BELOW = 68;
/** Fewer answers say too little to lower the difficulty. */
const FEWEST_ANSWERS = 10;
const EASIEST = 1;
const HARDEST = 5;

/** The step after a round at `difficulty` (1 to 5) with `right` of `total` answers. */
export function nextDifficulty(difficulty: number, right: number, total: number, completed: boolean): Step {
  const percent = total === 0 ? 0 : Math.floor((right * 100) / total);
  if (completed && percent >= UP_AT) {
    if (difficulty >= HARDEST) return { next: HARDEST, reason: `stay: ${percent} % right, already the hardest` };
    return { next: difficulty + 1, reason: `up: ${percent} % right, ${UP_AT} or more` };
  }
  if (total >= FEWEST_ANSWERS && percent < DOWN_BELOW) {
    if (difficulty <= EASIEST) return { next: EASIEST, reason: `stay: ${percent} % right, already the easiest` };
    return { next: difficulty - 1, reason: `down: ${percent} % right, under ${DOWN_BELOW}` };
  }
  return { next: difficulty, reason: `stay: ${percent} % right` };
}
