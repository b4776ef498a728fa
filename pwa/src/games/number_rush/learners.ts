/** Simulated players, for tests and for measuring what the game does to a learner. */

import type { Hand } from '../engine/play.ts';
import { levelOf } from '../engine/rules_staircase.ts';
import { ANSWERS, ASKED, RISE_STEPS, type State } from './rules.ts';
import type { Task } from './rules_task.ts';

/** What a player does with a task: the share of such tasks that are answered right, and how many
 * sixtieths of a second an answer takes. */
export interface Player {
  rightOf(level: number, task: Task): number;
  stepsOf(level: number, task: Task): number;
}

const GUESS = 1 / 3;
const BEST = 0.99;

/** Nearly always right on easy tasks, half-way between that and guessing at level `middle`. */
export function learner(middle: number, stepsOf: Player['stepsOf'] = () => 70): Player {
  return { stepsOf, rightOf: (level) => GUESS + (BEST - GUESS) / (1 + Math.exp((level - middle) / 2)) };
}

export const LEARNERS = { weak: learner(6), middling: learner(11), strong: learner(17) };

/** The hand of a player whose luck is `chance` (0 to 1). */
export function handOf({ rightOf, stepsOf }: Player, chance: () => number): Hand<State> {
  let shownAt = -1;
  let isRight = false;
  let at = 0;
  return (state) => {
    if (state.outcome !== ASKED) return 0;
    if (state.shownAt !== shownAt) {
      shownAt = state.shownAt;
      const level = levelOf(state.stair);
      isRight = chance() < rightOf(level, state.task);
      at = shownAt + Math.max(RISE_STEPS, Math.round(stepsOf(level, state.task)));
    }
    return state.step + 1 >= at ? pressOf(state.task, isRight) : 0;
  };
}

/** The button of the right answer, or of a wrong one. */
export function pressOf({ answers, right }: Task, isRight: boolean): number {
  return ANSWERS[answers.findIndex((n) => (n === right) === isRight)] ?? 0;
}

/** Luck that is the same in every run. */
export function luck(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}
