/** Signal Stop: Neo carries lanterns over a crossing and waits where a lantern says stop. */

import type { Game } from '../engine/game.ts';
import { inMs } from '../engine/round.ts';
import type { Stimulus } from '../types.ts';
import { praise, tip } from './feedback.ts';
import { GO } from './rules_course.ts';
import { bot, PRESS, rules, type State } from './rules.ts';
import { view } from './view.ts';
import { TUTORIAL, WORDS } from './words.ts';

export const game: Game<State> = {
  id: 'signal_stop',
  rules,
  words: WORDS,
  // One input: any finger, key, switch or button does.
  controls: {
    keys: { Space: PRESS, Enter: PRESS, ArrowUp: PRESS, ArrowRight: PRESS, ArrowLeft: PRESS, ArrowDown: PRESS },
    pad: { 0: PRESS, 1: PRESS, 2: PRESS, 3: PRESS },
    tap: () => PRESS,
  },
  view,
  stimuli,
  effort: ({ carried, waited, longestChain, early }) => ({ carried, waited, longestChain, early }),
  chain: ({ chain }) => chain,
  praise,
  tip,
  bot,
  tutorial: {
    seed: 8,
    level: 1,
    seconds: 20,
    says: [
      { fromSeconds: 0, sentence: TUTORIAL.go },
      { fromSeconds: 8, sentence: TUTORIAL.wait },
      { fromSeconds: 13, sentence: TUTORIAL.look },
    ],
  },
};

function stimuli({ shown, open, kinds, levels, since, rights, reaction }: State): Stimulus[] {
  return Array.from({ length: open ? shown - 1 : shown }, (_, i) => {
    const steps = reaction[i] ?? -1;
    return {
      t: inMs(since[i] ?? 0),
      kind: kinds[i] === GO ? 'go' : 'stop',
      right: rights[i] === 1,
      reactionMs: steps < 0 ? null : inMs(steps),
      data: [levels[i] ?? 0],
    };
  });
}
