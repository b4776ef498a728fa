/** The rules, version 1: a lantern asks, three lanterns offer an answer, and its light sinks. */

import { mostStepsOf } from '../engine/rules_measure.ts';
import { seeded } from '../engine/rules_random.ts';
import { mix, newRound, STEPS_A_SECOND, type RoundState, type Rules } from '../engine/rules_round.ts';
import { answer, levelOf, newStair, restingLevel, type Stair, type StairRule } from '../engine/rules_staircase.ts';
import { LEVELS, stepsFor } from './rules_levels.ts';
import { makeTask, type Task } from './rules_task.ts';

const ROUND_SECONDS = 90;
const ROUND_STEPS = ROUND_SECONDS * STEPS_A_SECOND;

/** The inputs: the left, middle and right answer. */
export const ANSWERS = [16, 32, 64] as const;

/** The answers float in; until they are there, none can be chosen. Nobody reads a task faster, and
 * pressing everything at once earns less. */
export const RISE_STEPS = 18;
/** After an answer. */
export const RIGHT_STEPS = 30;
export const WRONG_STEPS = 72;

/** A chain grows no dearer from this length on. */
const MOST_CHAIN = 5;

/** 80 % right. */
const STAIR: StairRule = { up: 2, down: 7, levels: LEVELS };

/** What became of the task. Before the first one there is a pause, too. */
export const ASKED = 0;
export const RIGHT = 1;
export const WRONG = 2;
export const LATE = 3;
export const READY = 4;

/** A task that is over. */
export interface Answered {
  kind: number;
  a: number;
  b: number;
  right: number;
  /** The number that was chosen, -1 if none was. */
  chosen: number;
  /** Steps: when the task appeared, and from then to the answer. */
  shownAt: number;
  took: number;
}

export interface State extends RoundState {
  random: number;
  stair: Stair;
  task: Task;
  /** When the task appeared, and the last step in which it can be answered. */
  shownAt: number;
  lateAt: number;
  outcome: number;
  /** The place of the answer that was chosen, -1 for none. */
  chosen: number;
  /** The step in which the next task appears. */
  nextAt: number;
  chain: number;
  longestChain: number;
  answered: Answered[];
}

const NO_TASK: Task = { kind: -1, a: 0, b: 0, right: 0, answers: [0, 0, 0] };

function init(seed: number, level: number): State {
  const round = newRound(seed, level, LEVELS);
  return {
    ...round,
    random: seeded(seed),
    stair: newStair(round.level),
    task: NO_TASK,
    shownAt: 0,
    lateAt: 0,
    outcome: READY,
    chosen: -1,
    nextAt: RIGHT_STEPS,
    chain: 0,
    longestChain: 0,
    answered: [],
  };
}

function step(state: State, input: number): void {
  if (state.done) return;
  state.step += 1;
  if (state.outcome !== ASKED) {
    if (state.step >= state.nextAt) ask(state);
  } else {
    const chosen = state.step >= state.shownAt + RISE_STEPS ? ANSWERS.indexOf(input as (typeof ANSWERS)[number]) : -1;
    if (chosen >= 0 || state.step >= state.lateAt) settle(state, chosen);
  }
  if (state.step >= ROUND_STEPS) state.done = true;
}

function ask(state: State): void {
  const level = levelOf(state.stair);
  state.task = makeTask(state, level, state.task);
  state.outcome = ASKED;
  state.chosen = -1;
  state.shownAt = state.step;
  state.lateAt = state.step + RISE_STEPS + stepsFor(level, state.task);
}

function settle(state: State, place: number): void {
  const { kind, a, b, right, answers } = state.task;
  const chosen = place < 0 ? -1 : answers[place] ?? -1;
  const isRight = chosen === right;
  state.total += 1;
  if (isRight) {
    state.right += 1;
    state.chain += 1;
    state.longestChain = Math.max(state.longestChain, state.chain);
    state.score += pointsFor(state.chain, levelOf(state.stair));
  } else {
    state.chain = 0;
  }
  state.outcome = isRight ? RIGHT : place < 0 ? LATE : WRONG;
  state.chosen = place;
  state.nextAt = state.step + (isRight ? RIGHT_STEPS : WRONG_STEPS);
  state.answered.push({ kind, a, b, right, chosen, shownAt: state.shownAt, took: state.step - state.shownAt });
  answer(state.stair, isRight, STAIR);
  mix(state, state.step);
  mix(state, state.score);
  mix(state, Math.imul(right, 1024) + chosen);
}

/** 1, 3, 5, 7, 9 and so on in a chain: chance alone makes few chains. Up to 5 more for the level. */
function pointsFor(chain: number, level: number): number {
  return Math.imul(2, Math.min(chain, MOST_CHAIN)) - 1 + (level >> 2);
}

/** Every answer is right and comes in the first step in which it can. */
function bound(level: number, seconds: number): number {
  const stair = newStair(newRound(0, level, LEVELS).level);
  const most = Math.min(ROUND_STEPS, mostStepsOf(seconds));
  let points = 0;
  let chain = 0;
  for (let at = RIGHT_STEPS + RISE_STEPS; at <= most; at += RIGHT_STEPS + RISE_STEPS) {
    chain += 1;
    points += pointsFor(chain, levelOf(stair));
    answer(stair, true, STAIR);
  }
  return points;
}

export const rules: Rules<State> = {
  version: '1',
  levels: LEVELS,
  inputs: 16 | 32 | 64,
  roundSeconds: ROUND_SECONDS,
  init,
  step,
  next: ({ stair }) => restingLevel(stair),
  bound,
};
