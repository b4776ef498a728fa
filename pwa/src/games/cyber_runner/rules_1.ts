/** Version 1 of the rules, which tablets that were long offline still play. */

import { mostStepsOf } from '../engine/rules_measure.ts';
import { newRound, type RoundState, type Rules } from '../engine/rules_round.ts';
import { makeCourse, mostOf, ROUND_STEPS } from './rules_course_1.ts';
import { advance, JUMP, LEFT, ORB, RIGHT, startOf, type Run } from './rules_run.ts';

const LEVELS = [1, 5] as const;
const ORB_POINTS = 5;
const MOST_CHAIN_POINTS = 3;

function init(seed: number, level: number): Run {
  const round: RoundState = newRound(seed, level, LEVELS);
  return { ...round, ...startOf(makeCourse(seed, round.level)) };
}

function step(state: Run, input: number): void {
  if (state.done) return;
  advance(state, input, pointsOf);
  if (state.step >= ROUND_STEPS) state.done = true;
}

function pointsOf({ chain }: Run, kind: number): number {
  return kind === ORB ? orbPoints(chain) : 1;
}

function orbPoints(chain: number): number {
  return ORB_POINTS + Math.min(MOST_CHAIN_POINTS, chain >> 2);
}

/** Every lantern that may have come is caught, and nothing else is touched. */
function bound(level: number, seconds: number): number {
  const { orbs, others } = mostOf(level, mostStepsOf(seconds));
  let points = others;
  for (let chain = 1; chain <= orbs; chain += 1) points += orbPoints(chain);
  return points;
}

export const rules: Rules<Run> = {
  version: '1',
  levels: LEVELS,
  inputs: LEFT | RIGHT | JUMP,
  roundSeconds: 120,
  init,
  step,
  next: ({ level }) => level,
  bound,
};
