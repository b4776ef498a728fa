/** The rules, version 1: what Neo does, and what each thing that comes is worth. */

import { mostStepsOf } from '../engine/rules_measure.ts';
import { mix, newRound, type RoundState, type Rules } from '../engine/rules_round.ts';
import {
  ALL_LANES,
  DECOY,
  makeCourse,
  mostOf,
  OBSTACLE,
  ORB,
  ROUND_STEPS,
  type Course,
} from './rules_course.ts';
import { nextLevel } from './rules_staircase.ts';

const LEVELS = [1, 5] as const;

export const LEFT = 1;
export const RIGHT = 2;
export const JUMP = 4;

/** Lanes in 256ths, so that a change of lane takes 8 steps (133 ms). */
export const LANE = 256;
const LANE_SPEED = 32;
export const JUMP_STEPS = 36;
/** The steps of a jump in which Neo's feet are above everything on the road. */
const ABOVE_FROM = 4;
const ABOVE_TO = 31;
const BUFFER_STEPS = 7;
export const STUMBLE_STEPS = 30;
/** Inputs are ignored for the first part of a stumble. */
const HELPLESS_STEPS = 14;

const ORB_POINTS = 5;
const MOST_CHAIN_POINTS = 3;

export const PENDING = 0;
export const RIGHT_ANSWER = 1;
export const WRONG_ANSWER = 2;

export interface State extends RoundState {
  course: Course;
  /** Position across the road: 0, 256 or 512 in the middle of a lane. */
  x: number;
  target: number;
  /** Steps since take-off, -1 on the ground. */
  jump: number;
  stumble: number;
  buffered: number;
  bufferedFor: number;
  /** Step of the last press in the buffer. */
  pressed: number;
  chain: number;
  longestChain: number;
  orbs: number;
  dodged: number;
  decoysLeft: number;
  /** Index of the next thing to arrive, and of the next to come into sight. */
  next: number;
  sighted: number;
  answer: Int8Array;
  /** 1 if doing nothing would be wrong, judged when the thing comes into sight. */
  asks: Int8Array;
  /** Steps from sight to the input that made the answer right, -1 if no input did. Not part of
   * the outcome or the hash. */
  reaction: Int32Array;
}

function init(seed: number, level: number): State {
  const round = newRound(seed, level, LEVELS);
  const course = makeCourse(seed, round.level);
  return {
    ...round,
    course,
    x: LANE,
    target: 1,
    jump: -1,
    stumble: 0,
    buffered: 0,
    bufferedFor: 0,
    pressed: 0,
    chain: 0,
    longestChain: 0,
    orbs: 0,
    dodged: 0,
    decoysLeft: 0,
    next: 0,
    sighted: 0,
    answer: new Int8Array(course.count),
    asks: new Int8Array(course.count),
    reaction: new Int32Array(course.count).fill(-1),
  };
}

/** `input` is a sum of LEFT, RIGHT and JUMP. */
function step(state: State, input: number): void {
  if (state.done) return;
  state.step += 1;
  sight(state);
  if (input !== 0) remember(state, input);
  move(state);
  while (
    state.next < state.course.count &&
    (state.course.arrival[state.next] ?? 0) <= state.step
  ) {
    arrive(state, state.next);
    state.next += 1;
  }
  if (state.step >= ROUND_STEPS) state.done = true;
}

/** The lane that Neo is nearest to: 0, 1 or 2. */
function laneOf(state: State): number {
  return (state.x + (LANE >> 1)) >> 8;
}

/** Whether Neo's feet are above what lies on the road. */
function isAbove(state: State): boolean {
  return state.jump >= ABOVE_FROM && state.jump <= ABOVE_TO;
}

/** The most points possible in `seconds` of play (as `secondsOf` rounds them), whatever the
 * seed: every lantern that may have come is caught, and nothing else is touched. */
function bound(level: number, seconds: number): number {
  const { orbs, others } = mostOf(level, mostStepsOf(seconds));
  let points = others;
  for (let chain = 1; chain <= orbs; chain += 1) points += orbPoints(chain);
  return points;
}

function orbPoints(chain: number): number {
  return ORB_POINTS + Math.min(MOST_CHAIN_POINTS, chain >> 2);
}

function sight(state: State): void {
  const { course } = state;
  while (
    state.sighted < course.count &&
    (course.arrival[state.sighted] ?? 0) - course.lead <= state.step
  ) {
    const fills = ((course.mask[state.sighted] ?? 0) >> state.target) & 1;
    const isOrb = course.kind[state.sighted] === ORB;
    state.asks[state.sighted] = isOrb ? 1 - fills : fills;
    state.sighted += 1;
  }
}

/** After a change of target or jump: the press is the reaction to things in sight that went from
 * wrong to right, and cancels the reaction to those that went from right to wrong. */
function react(state: State, target: number, jump: number): void {
  const { course } = state;
  for (let i = state.next; i < state.sighted; i += 1) {
    if (state.asks[i] !== 1) continue;
    const right = willBeRight(state, i, state.target, state.jump);
    if (right === willBeRight(state, i, target, jump)) continue;
    const seen = (course.arrival[i] ?? 0) - course.lead;
    state.reaction[i] = right ? state.pressed - seen : -1;
  }
}

/** Whether a thing would be answered right if nothing more were pressed; `jump` is as in State. */
function willBeRight(state: State, i: number, target: number, jump: number): boolean {
  const { course } = state;
  const inIt = (((course.mask[i] ?? 0) >> target) & 1) === 1;
  if (course.kind[i] === ORB) return inIt;
  // The jump advances in this same step.
  const then = jump < 0 ? -1 : jump + (course.arrival[i] ?? 0) - state.step + 1;
  return !inIt || (then >= ABOVE_FROM && then <= ABOVE_TO);
}

/** A new turn replaces one that waits; a jump and a turn may wait together. */
function remember(state: State, input: number): void {
  const waiting = state.bufferedFor > 0 ? state.buffered : 0;
  const turns = (input & (LEFT | RIGHT)) !== 0;
  state.buffered = input | (turns ? waiting & JUMP : waiting);
  state.bufferedFor = BUFFER_STEPS;
  state.pressed = state.step;
}

function move(state: State): void {
  if (state.stumble > 0) state.stumble -= 1;
  if (state.bufferedFor > 0) {
    state.bufferedFor -= 1;
    if (state.stumble <= STUMBLE_STEPS - HELPLESS_STEPS) obey(state);
  }
  const goal = Math.imul(state.target, LANE);
  if (state.x < goal) state.x = Math.min(goal, state.x + LANE_SPEED);
  else if (state.x > goal) state.x = Math.max(goal, state.x - LANE_SPEED);
  if (state.jump >= 0) {
    state.jump += 1;
    if (state.jump > JUMP_STEPS) state.jump = -1;
  }
}

/** Apply the buffered inputs that are possible now; the rest stays buffered. */
function obey(state: State): void {
  const wanted = state.buffered;
  const { target, jump } = state;
  let left = wanted;
  // One lane at a time: the next change waits until Neo is nearly there.
  const settled = Math.abs(state.x - Math.imul(state.target, LANE)) <= LANE_SPEED * 2;
  if ((wanted & LEFT) !== 0 && settled) {
    state.target = Math.max(0, state.target - 1);
    left &= ~LEFT;
  }
  if ((wanted & RIGHT) !== 0 && settled) {
    state.target = Math.min(2, state.target + 1);
    left &= ~RIGHT;
  }
  if ((wanted & JUMP) !== 0 && state.jump < 0) {
    state.jump = 0;
    left &= ~JUMP;
  }
  state.buffered = left;
  if (left === 0) state.bufferedFor = 0;
  if (state.target !== target || state.jump !== jump) react(state, target, jump);
}

function arrive(state: State, i: number): void {
  const { course } = state;
  const kind = course.kind[i] ?? ORB;
  const mask = course.mask[i] ?? 0;
  const touched = ((mask >> laneOf(state)) & 1) === 1 && (kind === ORB || !isAbove(state));
  const right = kind === ORB ? touched : !touched;
  state.answer[i] = right ? RIGHT_ANSWER : WRONG_ANSWER;
  if (!right) state.reaction[i] = -1;
  state.total += 1;
  if (right) state.right += 1;
  if (kind === ORB && touched) {
    state.chain += 1;
    state.longestChain = Math.max(state.longestChain, state.chain);
    state.orbs += 1;
    state.score += orbPoints(state.chain);
  } else if (kind === OBSTACLE && right) {
    state.dodged += 1;
    state.score += 1;
  } else if (kind === DECOY && right) {
    state.decoysLeft += 1;
    state.score += 1;
  } else {
    state.chain = 0;
    if (kind === OBSTACLE) state.stumble = STUMBLE_STEPS;
  }
  mix(state, state.step);
  mix(state, state.score);
  mix(state, state.x);
  mix(state, right ? 1 : mask & ALL_LANES);
}

export const rules: Rules<State> = {
  version: '1',
  levels: LEVELS,
  inputs: LEFT | RIGHT | JUMP,
  roundSeconds: 120,
  init,
  step,
  next: ({ level, right, total, done }) => nextLevel(level, right, total, done),
  bound,
};
