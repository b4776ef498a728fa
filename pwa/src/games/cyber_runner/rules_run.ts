/** How Neo moves, what meets him, and when an answer was given: what all versions of the rules share.
 * Released versions rest on it: a change here must give the frozen rounds the same hashes. */

import { mix, type RoundState } from '../engine/rules_round.ts';

export const ORB = 0;
export const OBSTACLE = 1;
export const DECOY = 2;

export const ALL_LANES = 7;

/** What comes, in the order of arrival. */
export interface Course {
  /** How many are known so far; the arrays may have room for more. */
  count: number;
  kind: Int8Array;
  /** Its lane: where an orb or decoy lies, or one that an obstacle fills. */
  lane: Int8Array;
  /** Bit n is set where it fills lane n. */
  mask: Int8Array;
  arrival: Int32Array;
  /** Steps from the moment it can be seen until it arrives. */
  lead: Int32Array;
}

export function emptyCourse(room: number): Course {
  return {
    count: 0,
    kind: new Int8Array(room),
    lane: new Int8Array(room),
    mask: new Int8Array(room),
    arrival: new Int32Array(room),
    lead: new Int32Array(room),
  };
}

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

export const PENDING = 0;
export const RIGHT_ANSWER = 1;
export const WRONG_ANSWER = 2;

export interface Run extends RoundState {
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

/** Neo at the start of a round on `course`. */
export function startOf(course: Course): Omit<Run, keyof RoundState> {
  const room = course.kind.length;
  return {
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
    answer: new Int8Array(room),
    asks: new Int8Array(room),
    reaction: new Int32Array(room).fill(-1),
  };
}

/** One step. `input` is a sum of LEFT, RIGHT and JUMP; `points` is what a right answer is worth. */
export function advance<S extends Run>(state: S, input: number, points: (state: S, kind: number) => number): void {
  state.step += 1;
  sight(state);
  if (input !== 0) remember(state, input);
  move(state);
  while (state.next < state.course.count && (state.course.arrival[state.next] ?? 0) <= state.step) {
    arrive(state, state.next, points);
    state.next += 1;
  }
}

/** The lane that Neo is nearest to: 0, 1 or 2. */
function laneOf(state: Run): number {
  return (state.x + (LANE >> 1)) >> 8;
}

/** Whether Neo's feet are above what lies on the road. */
function isAbove(state: Run): boolean {
  return state.jump >= ABOVE_FROM && state.jump <= ABOVE_TO;
}

function sight(state: Run): void {
  const { course } = state;
  while (
    state.sighted < course.count &&
    (course.arrival[state.sighted] ?? 0) - (course.lead[state.sighted] ?? 0) <= state.step
  ) {
    const fills = ((course.mask[state.sighted] ?? 0) >> state.target) & 1;
    const isOrb = course.kind[state.sighted] === ORB;
    state.asks[state.sighted] = isOrb ? 1 - fills : fills;
    state.sighted += 1;
  }
}

/** After a change of target or jump: the press is the reaction to things in sight that went from
 * wrong to right, and cancels the reaction to those that went from right to wrong. */
function react(state: Run, target: number, jump: number): void {
  const { course } = state;
  for (let i = state.next; i < state.sighted; i += 1) {
    if (state.asks[i] !== 1) continue;
    const right = willBeRight(state, i, state.target, state.jump);
    if (right === willBeRight(state, i, target, jump)) continue;
    const seen = (course.arrival[i] ?? 0) - (course.lead[i] ?? 0);
    state.reaction[i] = right ? state.pressed - seen : -1;
  }
}

/** Whether a thing would be answered right if nothing more were pressed; `jump` is as in State. */
function willBeRight(state: Run, i: number, target: number, jump: number): boolean {
  const { course } = state;
  const inIt = (((course.mask[i] ?? 0) >> target) & 1) === 1;
  if (course.kind[i] === ORB) return inIt;
  // The jump advances in this same step.
  const then = jump < 0 ? -1 : jump + (course.arrival[i] ?? 0) - state.step + 1;
  return !inIt || (then >= ABOVE_FROM && then <= ABOVE_TO);
}

/** A new turn replaces one that waits; a jump and a turn may wait together. */
function remember(state: Run, input: number): void {
  const waiting = state.bufferedFor > 0 ? state.buffered : 0;
  const turns = (input & (LEFT | RIGHT)) !== 0;
  state.buffered = input | (turns ? waiting & JUMP : waiting);
  state.bufferedFor = BUFFER_STEPS;
  state.pressed = state.step;
}

function move(state: Run): void {
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
function obey(state: Run): void {
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

function arrive<S extends Run>(state: S, i: number, points: (state: S, kind: number) => number): void {
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
    state.score += points(state, ORB);
  } else if (kind === OBSTACLE && right) {
    state.dodged += 1;
    state.score += points(state, OBSTACLE);
  } else if (kind === DECOY && right) {
    state.decoysLeft += 1;
    state.score += points(state, DECOY);
  } else {
    state.chain = 0;
    if (kind === OBSTACLE) state.stumble = STUMBLE_STEPS;
  }
  mix(state, state.step);
  mix(state, state.score);
  mix(state, state.x);
  mix(state, right ? 1 : mask & ALL_LANES);
}

/** A lane beside `lane`: `side` 0 is left, where there is a choice. */
export function beside(lane: number, side: number): number {
  if (lane === 0 || lane === 2) return 1;
  return side === 0 ? 0 : 2;
}
