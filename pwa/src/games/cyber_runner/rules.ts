/** The rules, version 2: waves and rests; the level follows the child from wave to wave. */

import { mostStepsOf } from '../engine/rules_measure.ts';
import { newRound, type Rules } from '../engine/rules_round.ts';
import { answer, levelOf, newStair, restingLevel, type Stair, type StairRule } from '../engine/rules_staircase.ts';
import { advance, DECOY, JUMP, LEFT, emptyCourse, ORB, RIGHT, RIGHT_ANSWER, startOf, type Run } from './rules_run.ts';
import { addWave, EASIEST, HARDEST, isWaveDue, MOST_THINGS, mostOf, newWaves, ROUND_STEPS, type Waves } from './rules_waves.ts';

const LEVELS = [EASIEST, HARDEST] as const;

/** About four of five right; a weak child at the lowest level, where the level cannot fall, has a little
 * less, others a little more. A wave of many things holds its level. */
const STAIR: StairRule = { up: 2, down: 9, levels: LEVELS, isEven: true };

const ORB_POINTS = 5;
const MOST_CHAIN_POINTS = 3;
const DODGE_POINTS = 2;
const PATIENCE_POINTS = 3;
/** Nothing is earned by standing still: after so many things without a press, a right answer gives no
 * points until the next press. */
const MOST_STILL = 4;

export interface State extends Run, Waves {
  stair: Stair;
  /** Things that have arrived since the last press. */
  still: number;
}

function init(seed: number, level: number): State {
  const round = newRound(seed, level, LEVELS);
  const state: State = {
    ...round,
    ...startOf(emptyCourse(MOST_THINGS)),
    ...newWaves(seed, round.level),
    stair: newStair(round.level),
    still: 0,
  };
  addWave(state, state.course, state.level);
  return state;
}

function step(state: State, input: number): void {
  if (state.done) return;
  const before = state.next;
  const pressed = input & (LEFT | RIGHT | JUMP);
  if (pressed !== 0) state.still = 0;
  advance(state, pressed, pointsOf);
  for (let i = before; i < state.next; i += 1) {
    state.still += 1;
    answer(state.stair, state.answer[i] === RIGHT_ANSWER, STAIR);
  }
  const level = levelOf(state.stair);
  if (isWaveDue(state, state.course, state.next, level)) addWave(state, state.course, level);
  if (state.step >= ROUND_STEPS) state.done = true;
}

function pointsOf({ still, chain }: State, kind: number): number {
  if (still >= MOST_STILL) return 0;
  if (kind === ORB) return orbPoints(chain);
  return kind === DECOY ? PATIENCE_POINTS : DODGE_POINTS;
}

function orbPoints(chain: number): number {
  return ORB_POINTS + Math.min(MOST_CHAIN_POINTS, chain >> 2);
}

/** Every answer is right, so the level climbs as fast as it can and the most things come. */
function bound(level: number, seconds: number): number {
  const start = Math.max(EASIEST, Math.min(HARDEST, level | 0));
  const climbed = (right: number): number => {
    const stair = newStair(start);
    for (let n = 0; n < right; n += 1) answer(stair, true, STAIR);
    return levelOf(stair);
  };
  let most = 0;
  for (const { orbs, others } of mostOf(mostStepsOf(seconds), climbed)) {
    let points = Math.imul(others, PATIENCE_POINTS);
    for (let chain = 1; chain <= orbs; chain += 1) points += orbPoints(chain);
    most = Math.max(most, points);
  }
  return most;
}

export const rules: Rules<State> = {
  version: '2',
  levels: LEVELS,
  inputs: LEFT | RIGHT | JUMP,
  roundSeconds: 120,
  init,
  step,
  next: ({ stair }) => restingLevel(stair),
  bound,
};

