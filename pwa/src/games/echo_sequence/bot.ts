/** Plays well and without hurry: shows the game in its preview, and the way in its tutorial. */

import { tapOf, thought, wanted, type State } from './rules.ts';

/** Steps of thought before the first tap, and from tap to tap. */
const THINK = 48;
const NEXT = 34;

export function bot(state: State): number {
  return thought(state) >= (state.taps.length === 0 ? THINK : NEXT) ? tapOf(wanted(state)) : 0;
}
