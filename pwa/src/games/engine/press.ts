/** How a game with a single button is played and told, beside its rules (`rules_press.ts`). */

import type { Stimulus } from '../types.ts';
import type { Controls } from './game.ts';
import { inMs } from './round.ts';
import { PRESS, type PressRound } from './rules_press.ts';

/** Any finger, key, switch or button does. */
export const ONE_BUTTON: Controls = {
  keys: { Space: PRESS, Enter: PRESS, ArrowUp: PRESS, ArrowRight: PRESS, ArrowLeft: PRESS, ArrowDown: PRESS },
  pad: { 0: PRESS, 1: PRESS, 2: PRESS, 3: PRESS },
  tap: () => PRESS,
};

/** What was asked and answered, in order. `tell` gives a thing's kind and numbers, or null if nothing
 * was asked. */
export function pressStimuli<S extends PressRound>(state: S, tell: (n: number) => Pick<Stimulus, 'kind' | 'data'> | null): Stimulus[] {
  const { shown, open, since, rights, reaction } = state;
  return Array.from({ length: open ? shown - 1 : shown }, (_, n) => {
    const told = tell(n);
    const steps = reaction[n] ?? -1;
    return told && { t: inMs(since[n] ?? 0), right: rights[n] === 1, reactionMs: steps < 0 ? null : inMs(steps), ...told };
  }).filter((one) => one !== null);
}
