/** Plays well and without hurry: shows the game in its preview, and the way in its tutorial. */

import { GLIMPSED, mateOf, TURNED, type State } from './rules_board.ts';
import { turn, TURNING } from './rules.ts';

/** Steps of thought before the first and the second card. */
const THINK = 80;
const THINK_AGAIN = 55;

export function bot(state: State): number {
  return isThinking(state, THINK, THINK_AGAIN) ? 0 : turn(best(state));
}

/** Whether it is not the time to turn a card, for a player who thinks so long before the first and
 * the second one. */
export function isThinking({ phase, first, step, ready, free }: State, before: number, between: number): boolean {
  return phase !== TURNING || (first < 0 ? step - ready < before : step - free < between);
}

/** The place that a perfect memory turns next. */
export function best(state: State): number {
  const { first } = state;
  const mate = first >= 0 ? mateOf(state, first, GLIMPSED) : partOfPair(state);
  return mate >= 0 ? mate : notTurned(state);
}

/** A card of a pair that was seen, -1 if there is none. */
function partOfPair(state: State): number {
  for (let place = 0; place < state.cards; place += 1) {
    const isSeen = state.found[place] === 0 && (state.seen[place] ?? 0) >= GLIMPSED;
    if (isSeen && mateOf(state, place, GLIMPSED) >= 0) return place;
  }
  return -1;
}

/** A card that was never turned, at another place on each board. */
function notTurned(state: State): number {
  for (let n = 0; n < state.cards; n += 1) {
    const place = (n + state.boards * 5) % state.cards;
    if (state.found[place] === 0 && state.seen[place] !== TURNED) return place;
  }
  return state.found.indexOf(0);
}
