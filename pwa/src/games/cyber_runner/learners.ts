/** Simulated children, for tests: they play as the bot does, and slip the more often the higher the level is. */

import { slipping } from '../engine/learners.ts';
import type { Hand } from '../engine/play.ts';
import { bot, towards } from './bot.ts';
import { LEFT, ORB, RIGHT } from './rules_run.ts';
import type { State } from './rules.ts';

/** How often a child slips, in percent by level. */
export const LEARNERS: Record<'weak' | 'middling' | 'strong', readonly number[]> = {
  weak: [18, 28, 42, 58, 75, 88, 95, 98],
  middling: [3, 8, 15, 26, 40, 56, 72, 85],
  strong: [0, 1, 3, 8, 16, 28, 44, 60],
};

export function handOf(percent: readonly number[], seed: number): Hand<State> {
  return slipping({ bot }, { seed, percentAt: (level) => percent[level] ?? 0, levelNow: ({ waveLevel }) => waveLevel, slip: wrong });
}

/** What a slip does: it goes where the thing hurts, or misses it. */
function wrong(state: State): number {
  const i = state.next;
  const { course } = state;
  if (i >= course.count || (course.arrival[i] ?? 0) - state.step > 50) return 0;
  const fills = (course.mask[i] ?? 0) & (1 << state.target);
  if (course.kind[i] === ORB) return fills ? (state.target === 1 ? LEFT : state.target === 0 ? RIGHT : LEFT) : 0;
  return fills ? 0 : towards(state, course.lane[i] ?? 1);
}
