/** Simulated children, for tests and benchmarks: the share of right answers falls with the level, for
 * stones that are the same, that differ, and for lures most of all. */

import type { Hand } from '../engine/play.ts';
import { nextRandom, pick, seeded } from '../engine/rules_random.ts';
import { PRESS } from '../engine/rules_press.ts';
import { type State } from './rules.ts';
import { LURE, SAME } from './rules_trail.ts';

export interface Learner {
  /** The level at which four of five answers are right. */
  level: number;
  /** Levels over which the odds of a right answer shrink to a third. */
  slope: number;
  /** Median time to a press and its spread (half of the presses lie within it), in milliseconds. */
  pressMs: number;
  spreadMs: number;
}

/** A child of six, a child of ten, an adult. */
export const LEARNERS: Record<'weak' | 'middling' | 'strong', Learner> = {
  weak: { level: 4, slope: 4, pressMs: 800, spreadMs: 150 },
  middling: { level: 10, slope: 4, pressMs: 630, spreadMs: 130 },
  strong: { level: 16, slope: 4, pressMs: 500, spreadMs: 90 },
};

/** Harder and easier kinds, in levels. */
const HARDER = { same: 2, other: -1.5, lure: 3 } as const;

/** The share of right answers of a learner to a kind of stone at a level. */
function rightOf({ level: own, slope }: Learner, level: number, kind: number): number {
  const harder = kind === SAME ? HARDER.same : kind === LURE ? HARDER.lure : HARDER.other;
  return 4 / (4 + 3 ** ((level + harder - own) / slope));
}

/** A learner's hand for one round. */
export function handOf(learner: Learner, seed: number, timeOf?: (chance: number) => number): Hand<State> {
  let random = seeded(seed);
  let planned = 0;
  let pressAt = -1;
  const draw = () => {
    random = nextRandom(random);
    return pick(random, 10_000) / 10_000;
  };
  // A logistic spread: quartiles at one spread from the median.
  const usual = (chance: number) => learner.pressMs + (learner.spreadMs * Math.log(chance / (1 - chance))) / Math.log(3);
  const pressMs = timeOf ?? usual;
  return (state) => {
    if (state.open && state.shown !== planned) {
      planned = state.shown;
      const kind = state.kinds[state.shown - 1] ?? 0;
      const right = draw() < rightOf(learner, state.levels[state.shown - 1] ?? 1, kind);
      const after = Math.round(pressMs(Math.min(0.99, Math.max(0.01, draw()))) * 0.06);
      pressAt = right === (kind === SAME) ? state.appeared + Math.max(7, after) : -1;
    }
    return state.open && state.step + 1 === pressAt ? PRESS : 0;
  };
}
