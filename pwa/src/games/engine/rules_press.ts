/** What games with a single button share: things are shown one after another, and each is answered by a
 * press, or by none. */

import { newRound, type RoundState } from './rules_round.ts';
import { newStair, type Stair } from './rules_staircase.ts';

export const PRESS = 1;

/** Steps from a thing's first sight to the first press that can answer it: 100 ms. Nobody sees and
 * presses sooner. */
export const EARLIEST = 6;

/** Answers kept as bits: all of the last three. */
export const LAST_THREE = 7;

export interface PressRound extends RoundState {
  stair: Stair;
  resting: boolean;
  /** Things so far; the last of them can be answered while `open`. */
  shown: number;
  open: boolean;
  /** When the last thing came, its window ends, and the next one comes. */
  appeared: number;
  due: number;
  comes: number;
  chain: number;
  longestChain: number;
  /** Things left alone, as they had to be, by a child who plays. */
  waited: number;
  /** Of each thing: kind, level, first step, whether it was answered right, and the steps to the press
   * that answered it (-1: none). */
  kinds: Int8Array;
  levels: Int8Array;
  since: Int16Array;
  rights: Int8Array;
  reaction: Int16Array;
}

/** A round that rests until its first thing comes, and has room for `most` of them. */
export function newPressRound(seed: number, level: number, levels: readonly [number, number], most: number, comes: number): PressRound {
  const round = newRound(seed, level, levels);
  return {
    ...round,
    stair: newStair(round.level),
    resting: true,
    shown: 0,
    open: false,
    appeared: 0,
    due: 0,
    comes,
    chain: 0,
    longestChain: 0,
    waited: 0,
    kinds: new Int8Array(most),
    levels: new Int8Array(most),
    since: new Int16Array(most),
    rights: new Int8Array(most),
    reaction: new Int16Array(most).fill(-1),
  };
}

/** Show the next thing, which can be answered for `window` steps. */
export function showThing(state: PressRound, kind: number, level: number, window: number): void {
  state.kinds[state.shown] = kind;
  state.levels[state.shown] = level;
  state.since[state.shown] = state.step;
  state.shown += 1;
  state.open = true;
  state.appeared = state.step;
  state.due = state.step + window;
}

/** The last thing is answered: `reaction` is -1 if there was no press. */
export function settleThing(state: PressRound, right: boolean, reaction: number): void {
  state.open = false;
  state.rights[state.shown - 1] = right ? 1 : 0;
  state.reaction[state.shown - 1] = reaction;
}

export function lengthenChain(state: PressRound): void {
  state.chain += 1;
  state.longestChain = Math.max(state.longestChain, state.chain);
}

/** The bits of the last three answers, with this one. */
export const withBit = (bits: number, isSet: boolean): number => ((bits << 1) | (isSet ? 1 : 0)) & LAST_THREE;
