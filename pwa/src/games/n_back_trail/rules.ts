/** The rules, version 1: press where a stone shows the picture of one, two or three stones before; leave
 * the others alone.
 *
 * Both kinds of answer matter. Leaving a stone alone earns and climbs only for a child who also finds
 * pictures that are the same, and finding them only for one who also leaves stones alone. */

import { mostStepsOf } from '../engine/rules_measure.ts';
import {
  EARLIEST,
  LAST_THREE,
  lengthenChain,
  newPressRound,
  PRESS,
  settleThing,
  showThing,
  withBit,
  type PressRound,
} from '../engine/rules_press.ts';
import { mix, type Rules } from '../engine/rules_round.ts';
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

/** The stair: these parts up for a stone found and for every second one left alone, down for a miss and
 * for a press too many. With 3 of 10 the same, they rest near 80 % right. In a walk it goes one level
 * at most beyond those with the walk's number of stones back. */
const FOUND_UP = 5;
const LEFT_UP = 4;
const DOWN = 10;
/** Before the first stone that is the same: as if one of three had been found. */
const NOT_ASKED = 4;

const FOUND_POINTS = 6;
const LEFT_POINTS = 4;
const MOST_CHAIN_POINTS = 3;

export interface State extends PressRound {
  draw: Draw;
  walk: number;
  /** Stones back in this walk, and in a rest those of the next one. */
  back: number;
  /** Stones before this walk. */
  first: number;
  /** Bits of the last three stones that were the same (1: found) and that differed (1: left alone). */
  finds: number;
  leaves: number;
  found: number;
  /** Of the stones left alone, lures. */
  lures: number;
  /** The picture of each stone. */
  pictures: Int8Array;
}

function init(seed: number, level: number): State {
  const round = newPressRound(seed, level, LEVELS, MOST_STONES, startOf(0));
  return {
    ...round,
    draw: newDraw(seed),
    walk: 0,
    back: levelAt(round.level).back,
    first: 0,
    finds: NOT_ASKED,
    leaves: LAST_THREE,
    found: 0,
    lures: 0,
    pictures: new Int8Array(MOST_STONES),
  };
}

/** A press sooner than EARLIEST was meant for the stone before. */
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
  showThing(state, kind, level, windowOf(interval));
  state.open = kind !== LEAD;
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
  const kind = state.kinds[state.shown - 1] ?? LEAD;
  const pressed = reaction >= 0;
  const right = pressed === (kind === SAME);
  // Who finds nothing leaves nothing alone, either: that is no answer.
  const isAnswer = pressed || kind === SAME || state.finds !== 0;
  if (isAnswer) state.total += 1;
  if (isAnswer && right) state.right += 1;
  if (!right) state.chain = 0;
  settleThing(state, right, reaction);
  if (kind === SAME) settleSame(state, pressed);
  else settleOther(state, pressed, kind);
  mix(state, state.step);
  mix(state, state.score);
  mix(state, Math.imul(state.stair.at, 8) + Math.imul(kind, 2) + (right ? 1 : 0));
}

function settleSame(state: State, pressed: boolean): void {
  state.finds = withBit(state.finds, pressed);
  if (!pressed) return move(state.stair, state.back, false, FOUND_UP);
  if (state.leaves === 0) return;
  lengthenChain(state);
  state.found += 1;
  state.score += pointsOf(FOUND_POINTS, state.chain);
  move(state.stair, state.back, true, FOUND_UP);
}

function settleOther(state: State, pressed: boolean, kind: number): void {
  state.leaves = withBit(state.leaves, !pressed);
  if (pressed) return move(state.stair, state.back, false, LEFT_UP);
  if (state.finds === 0) return;
  lengthenChain(state);
  state.waited += 1;
  if (kind === LURE) state.lures += 1;
  state.score += pointsOf(LEFT_POINTS, state.chain);
  if ((state.waited & 1) === 0) move(state.stair, state.back, true, LEFT_UP);
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

/** Whether answer `n` of a walk is to a stone that is the same where as many as can be are, as early as can
 * be. After the first walk, the first stone may be the last of its group, and the next one the first. */
function isSameAtBest(walk: number, n: number): boolean {
  const place = walk === 0 ? n : n - 1;
  return place === 0 || mostSame(place) > mostSame(place - 1);
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
      if (isSameAtBest(walk, answers)) move(stair, back, true, FOUND_UP);
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
