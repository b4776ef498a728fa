/** Simulated children, for tests and benchmarks: the share of hexagons left alone falls with the level,
 * and go lanterns are missed where the window is shorter than the hand. */

import type { Hand } from '../engine/play.ts';
import { nextRandom, pick, seeded } from '../engine/rules_random.ts';
import { PRESS } from '../engine/rules_press.ts';
import { type State } from './rules.ts';
import { GO, STOP_SIGN } from './rules_course.ts';

export interface Learner {
  /** The level at which three of four hexagons are left alone. */
  level: number;
  /** Levels over which that falls: the odds shrink to a third in `slope` levels. */
  slope: number;
  /** Median time to a tap and its spread (half of the taps lie within it), in milliseconds. */
  tapMs: number;
  spreadMs: number;
  /** Go lanterns out of a hundred that are overlooked. */
  overlooked: number;
}

/** A child of six, a child of ten, an adult. The adult's times are those of the adults of OpenNeuro
 * ds000030 in a stop-signal task: quartiles 377, 448 and 544 ms. */
export const LEARNERS: Record<'weak' | 'middling' | 'strong', Learner> = {
  weak: { level: 4, slope: 4, tapMs: 720, spreadMs: 140, overlooked: 4 },
  middling: { level: 10, slope: 4, tapMs: 520, spreadMs: 90, overlooked: 2 },
  strong: { level: 16, slope: 4, tapMs: 448, spreadMs: 83, overlooked: 1 },
};

/** The share of hexagons that a learner leaves alone at a level. */
function leavesAlone({ level: ownLevel, slope }: Learner, level: number): number {
  return 3 / (3 + 3 ** ((level - ownLevel) / slope));
}

/** A learner's hand for one round. */
export function handOf(learner: Learner, seed: number): Hand<State> {
  let random = seeded(seed);
  let planned = 0;
  let pressAt = -1;
  const draw = () => {
    random = nextRandom(random);
    return pick(random, 10_000) / 10_000;
  };
  return (state) => {
    if (state.open && state.shown !== planned) {
      planned = state.shown;
      const presses = state.kind === GO ? draw() >= learner.overlooked / 100 : draw() >= leavesAlone(learner, state.lit);
      // A logistic spread: quartiles at one spread from the median.
      const chance = Math.min(0.99, Math.max(0.01, draw()));
      const after = learner.tapMs + (learner.spreadMs * Math.log(chance / (1 - chance))) / Math.log(3);
      pressAt = presses ? state.appeared + Math.max(7, Math.round(after * 0.06)) : -1;
    }
    return state.open && state.step + 1 === pressAt ? PRESS : 0;
  };
}

/** Hexagons so far, and those that were left alone: what the level follows. */
export function hexagons({ kinds, rights, shown, open }: State): { right: number; total: number } {
  let total = 0;
  let right = 0;
  for (let n = 0; n < (open ? shown - 1 : shown); n += 1) {
    if (kinds[n] !== STOP_SIGN) continue;
    total += 1;
    right += rights[n] ?? 0;
  }
  return { right, total };
}
