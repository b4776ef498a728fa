/** The rules, version 1: press where a stone shows the picture of one, two or three stones before; leave
 * the others alone.
 *
 * Both kinds of answer matter. Leaving a stone alone earns and climbs only for a child who also finds
 * pictures that are the same, and finding them only for one who also leaves stones alone. */

import { mostStepsOf } from '../engine/rules_measure.ts';
import { mix, newRound, type RoundState, type Rules } from '../engine/rules_round.ts';
import { answer, levelOf, newStair, restingLevel, type Stair, type StairRule } from '../engine/rules_staircase.ts';
import { levelAt, levelIn, LEVELS, MOST_BACK, rangeOf } from './rules_levels.ts';
import {
  drawStone,
  endOf,
  hasRoom,
  LEAD,
  LURE,
  MOST_STONES,
  mostSame,
  newDraw,
  ROUND_STEPS,
  SAME,
  startOf,
  startWalk,
  WALKS,
  windowOf,
  type Draw,
} from './rules_trail.ts';

export const PRESS = 1;

/** Steps from a stone's picture to the first press that can answer it: 100 ms. An earlier one was meant
 * for the stone before. */
export const EARLIEST = 6;

/** The stair: these parts up for a stone found and for every second one left alone, down for a miss and
 * for a press too many. With 3 of 10 the same, they rest near 80 % right. In a walk it goes one level
 * at most beyond those with the walk's number of stones back. */
const FOUND_UP = 3;
const LEFT_UP = 2;
const DOWN = 6;
const LAST_THREE = 7;
/** Before the first stone that is the same: as if one of three had been found. */
const NOT_ASKED = 4;

const FOUND_POINTS = 6;
const LEFT_POINTS = 4;
const MOST_CHAIN_POINTS = 3;

export interface State extends RoundState {
  stair: Stair;
  draw: Draw;
  walk: number;
  /** Stones back in this walk, and in a rest those of the next one. */
  back: number;
  /** Before a walk, and after the last one. */
  resting: boolean;
  /** Stones so far, and those before this walk; the last stone can be answered while `open`. */
  shown: number;
  first: number;
  open: boolean;
  /** When the last stone came, its window ends, and the next one comes. */
  appeared: number;
  due: number;
  comes: number;
  /** Bits of the last three stones that were the same (1: found) and that differed (1: left alone). */
  finds: number;
  leaves: number;
  chain: number;
  longestChain: number;
  found: number;
  /** Stones that differed, left alone by a child who plays; of them lures. */
  waited: number;
  lures: number;
  /** Of each stone: picture, kind, level, first step, whether it was answered right, and the steps to
   * the press that answered it (-1: none). */
  pictures: Int8Array;
  kinds: Int8Array;
  levels: Int8Array;
  since: Int16Array;
  rights: Int8Array;
  reaction: Int16Array;
}

function init(seed: number, level: number): State {
  const round = newRound(seed, level, LEVELS);
  return {
    ...round,
    stair: newStair(round.level),
    draw: newDraw(seed),
    walk: 0,
    back: levelAt(round.level).back,
    resting: true,
    shown: 0,
    first: 0,
    open: false,
    appeared: 0,
    due: 0,
    comes: startOf(0),
    finds: NOT_ASKED,
    leaves: LAST_THREE,
    chain: 0,
    longestChain: 0,
    found: 0,
    waited: 0,
    lures: 0,
    pictures: new Int8Array(MOST_STONES),
    kinds: new Int8Array(MOST_STONES),
    levels: new Int8Array(MOST_STONES),
    since: new Int16Array(MOST_STONES),
    rights: new Int8Array(MOST_STONES),
    reaction: new Int16Array(MOST_STONES).fill(-1),
  };
}

function step(state: State, input: number): void {
  if (state.done) return;
  state.step += 1;
  const reaction = state.step - state.appeared;
  if (state.open && (input & PRESS) !== 0 && reaction >= EARLIEST) settle(state, reaction);
  if (state.open && state.step >= state.due) settle(state, -1);
  if (!state.resting && state.step >= endOf(state.walk)) rest(state);
  if (state.step >= state.comes) show(state);
  if (state.step >= ROUND_STEPS) state.done = true;
}

/** The next stone. */
function show(state: State): void {
  const n = state.shown;
  if (state.resting) {
    state.resting = false;
    state.first = n;
    startWalk(state.draw);
  }
  const level = levelIn(state.back, levelOf(state.stair));
  const { interval } = levelAt(level);
  const kind = drawStone(state.draw, state.pictures, n, state.first, level);
  state.kinds[n] = kind;
  state.levels[n] = level;
  state.since[n] = state.step;
  state.shown += 1;
  state.open = kind !== LEAD;
  state.appeared = state.step;
  state.due = state.step + windowOf(interval);
  const next = state.step + interval;
  state.comes = hasRoom(state.walk, next, interval) ? next : ROUND_STEPS + 1;
}

/** The walk is over; the next one may compare with another stone. */
function rest(state: State): void {
  state.resting = true;
  state.walk += 1;
  if (state.walk === WALKS) return;
  state.back = levelAt(levelOf(state.stair)).back;
  state.comes = startOf(state.walk);
}

/** `reaction` is -1 if there was no press. */
function settle(state: State, reaction: number): void {
  const n = state.shown - 1;
  const kind = state.kinds[n] ?? LEAD;
  const pressed = reaction >= 0;
  const right = pressed === (kind === SAME);
  state.open = false;
  // Who finds nothing leaves nothing alone, either: that is no answer.
  const isAnswer = pressed || kind === SAME || state.finds !== 0;
  if (isAnswer) state.total += 1;
  if (isAnswer && right) state.right += 1;
  if (!right) state.chain = 0;
  state.rights[n] = right ? 1 : 0;
  state.reaction[n] = reaction;
  if (kind === SAME) settleSame(state, pressed);
  else settleOther(state, pressed, kind);
  mix(state, state.step);
  mix(state, state.score);
  mix(state, Math.imul(state.stair.at, 8) + Math.imul(kind, 2) + (right ? 1 : 0));
}

function settleSame(state: State, pressed: boolean): void {
  state.finds = ((state.finds << 1) | (pressed ? 1 : 0)) & LAST_THREE;
  if (!pressed) return move(state.stair, state.back, false, FOUND_UP);
  if (state.leaves === 0) return;
  lengthen(state);
  state.found += 1;
  state.score += pointsOf(FOUND_POINTS, state.chain);
  move(state.stair, state.back, true, FOUND_UP);
}

function settleOther(state: State, pressed: boolean, kind: number): void {
  state.leaves = ((state.leaves << 1) | (pressed ? 0 : 1)) & LAST_THREE;
  if (pressed) return move(state.stair, state.back, false, LEFT_UP);
  if (state.finds === 0) return;
  lengthen(state);
  state.waited += 1;
  if (kind === LURE) state.lures += 1;
  state.score += pointsOf(LEFT_POINTS, state.chain);
  if ((state.waited & 1) === 0) move(state.stair, state.back, true, LEFT_UP);
}

function lengthen(state: State): void {
  state.chain += 1;
  state.longestChain = Math.max(state.longestChain, state.chain);
}

const pointsOf = (points: number, chain: number): number => points + Math.min(MOST_CHAIN_POINTS, chain >> 2);

/** For each number of stones back: the rule of a found stone, and of one left alone. */
const RULES: readonly (readonly [StairRule, StairRule])[] = Array.from({ length: MOST_BACK + 1 }, (_, back) => {
  const [easiest, hardest] = rangeOf(back);
  const levels = [Math.max(LEVELS[0], easiest - 1), Math.min(LEVELS[1], hardest + 1)] as const;
  return [{ up: FOUND_UP, down: DOWN, levels }, { up: LEFT_UP, down: DOWN, levels }] as const;
});

function move(stair: Stair, back: number, right: boolean, up: number): void {
  const rule = RULES[back]?.[up === FOUND_UP ? 0 : 1];
  if (rule) answer(stair, right, rule);
}

/** The most points in `seconds` of play, whatever the seed. It counts the most answers that each walk can
 * have with any number of stones back that is reached, each right as soon as it can be, the most of them
 * the same. */
function bound(level: number, seconds: number): number {
  const last = mostStepsOf(seconds);
  let top = newStair(Math.max(LEVELS[0], Math.min(LEVELS[1], level)));
  let answers = 0;
  for (let walk = 0; walk < WALKS && startOf(walk) <= last; walk += 1) {
    const most = levelAt(levelOf(top)).back;
    let reached = top;
    let longest = 0;
    for (let back = walk === 0 ? most : 1; back <= most; back += 1) {
      const stair = { ...top };
      longest = Math.max(longest, bestWalk(stair, walk, back, last));
      if (stair.at > reached.at) reached = stair;
    }
    top = reached;
    answers += longest;
  }
  const same = mostSame(answers);
  let points = Math.imul(LEFT_POINTS, answers - same) + Math.imul(FOUND_POINTS, same);
  for (let chain = 1; chain <= answers; chain += 1) points += pointsOf(0, chain);
  return points;
}

/** The answers of a walk without a slip, to the most stones that are the same, from the last place of a
 * pair of stones left alone on. */
function bestWalk(stair: Stair, walk: number, back: number, last: number): number {
  let answers = 0;
  let stones = 0;
  let left = walk === 0 ? 0 : 1;
  let at = startOf(walk);
  for (;;) {
    const { interval } = levelAt(levelIn(back, levelOf(stair)));
    if (!hasRoom(walk, at, interval) || at + EARLIEST > last) return answers;
    stones += 1;
    if (stones > back) {
      answers += 1;
      if (mostSame(answers) > mostSame(answers - 1)) move(stair, back, true, FOUND_UP);
      else {
        left += 1;
        if ((left & 1) === 0) move(stair, back, true, LEFT_UP);
      }
    }
    at += interval;
  }
}

export const rules: Rules<State> = {
  version: '1',
  levels: LEVELS,
  inputs: PRESS,
  roundSeconds: 90,
  init,
  step,
  next: ({ stair }) => restingLevel(stair),
  bound,
};

/** Plays well and without hurry. */
export function bot({ open, kinds, shown, step: now, appeared, due }: State): number {
  if (!open || kinds[shown - 1] !== SAME) return 0;
  return now + 1 - appeared >= (due - appeared) >> 1 ? PRESS : 0;
}
