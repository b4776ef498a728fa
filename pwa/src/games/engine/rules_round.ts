/** What the rules of all games share: a round's state, its trace and its hash.
 *
 * Rules are pure, seeded, use whole numbers and advance in 60 fixed steps a second. The same seed,
 * level and inputs give the same round in every engine. */

import { accuracyOf, secondsOf } from './rules_measure.ts';

export const STEPS_A_SECOND = 60;

/** Only in a trace: the child left instead of this step. A game's own inputs do not have this bit. */
export const STOP = 8;

/** The part of a round's state that all games have. */
export interface RoundState {
  seed: number;
  /** At the start. The rules may make the round easier or harder as it goes. */
  level: number;
  /** Steps played. */
  step: number;
  score: number;
  /** Right answers of `total`. */
  right: number;
  total: number;
  /** Of all answers so far; `mix` adds to it. */
  hash: number;
  done: boolean;
}

/** One version of a game's rules. A released version never changes. */
export interface Rules<S extends RoundState = RoundState> {
  version: string;
  /** The easiest and the hardest level at which a round can start. */
  levels: readonly [number, number];
  /** Mask of the bits that the game's inputs use; `step` ignores others. */
  inputs: number;
  /** Seconds of play of a round that is played to its end. */
  roundSeconds: number;
  /** Any seed and level: a level out of range is the nearest that is in it. */
  init(seed: number, level: number): S;
  /** Advance by one sixtieth of a second, in place: the frame loop must not allocate. `input` is 0
   * if there was none. Does nothing once the round is done. */
  step(state: S, input: number): void;
  /** The level for the next round, for a state at the end of a round (or where it was left). */
  next(state: S): number;
  /** The most points that `seconds` of play (as `secondsOf` rounds them) can give, whatever the
   * seed. */
  bound(level: number, seconds: number): number;
}

/** A state of every field of RoundState, for `init` to build on. */
export function newRound(seed: number, level: number, [easiest, hardest]: readonly [number, number]): RoundState {
  return {
    seed,
    level: Math.max(easiest, Math.min(hardest, level | 0)),
    step: 0,
    score: 0,
    right: 0,
    total: 0,
    hash: 0x811c9dc5 | 0,
    done: false,
  };
}

/** Add a whole number to the hash (FNV-1a on 32-bit words). */
export function mix(state: RoundState, value: number): void {
  state.hash = Math.imul(state.hash ^ value, 0x01000193) | 0;
}

/** Play a round from its trace: pairs of (steps since the last input, input). A round that was left
 * ends at STOP; any other is played to its end. Accepts any trace. */
export function replay<S extends RoundState>(rules: Rules<S>, seed: number, level: number, trace: readonly number[]): S {
  const state = rules.init(seed, level);
  let at = 0;
  let due = trace.length > 1 ? (trace[0] ?? 0) : -1;
  while (!state.done) {
    let input = 0;
    if (due >= 0 && state.step + 1 >= due) {
      input = (trace[at + 1] ?? 0) & (rules.inputs | STOP);
      if ((input & STOP) !== 0) break;
      at += 2;
      const wait = trace[at];
      due = wait === undefined || at + 1 >= trace.length ? -1 : due + Math.max(1, wait | 0);
    }
    rules.step(state, input);
  }
  return state;
}

/** A replayed round, rounded like the session that it belongs to. */
export interface Replayed {
  score: number;
  /** 0 to 1. */
  accuracy: number;
  /** Seconds. */
  duration: number;
  completed: boolean;
  right: number;
  total: number;
  /** Hash of all answers; the same in every engine. */
  hash: number;
}

/** The result of a round so far. */
export function resultOf({ score, right, total, step, done, hash }: RoundState): Replayed {
  return { score, accuracy: accuracyOf(right, total), duration: secondsOf(step), completed: done, right, total, hash };
}
