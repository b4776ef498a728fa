/** N-Back Trail: Neo crosses a pond on stepping stones and remembers their pictures. */

import type { Game } from '../engine/game.ts';
import { inMs } from '../engine/round.ts';
import type { Stimulus } from '../types.ts';
import { praise, tip } from './feedback.ts';
import { bot, PRESS, rules, type State } from './rules.ts';
import { levelAt } from './rules_levels.ts';
import { LEAD, LURE, SAME } from './rules_trail.ts';
import { TUTORIAL, WORDS } from './words.ts';
import { view } from './view.ts';

export const game: Game<State> = {
  id: 'n_back_trail',
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
  effort: ({ found, waited, lures, longestChain }) => ({ found, waited, lures, longestChain }),
  chain: ({ chain }) => chain,
  praise,
  tip,
  bot,
  tutorial: {
    seed: 8,
    level: 1,
    seconds: 20,
    says: [
      { fromSeconds: 2.6, sentence: TUTORIAL.look },
      { fromSeconds: 5, sentence: TUTORIAL.tap },
      { fromSeconds: 12, sentence: TUTORIAL.wait },
    ],
  },
};

/** Every stone that could be answered, and was. */
function stimuli({ shown, open, pictures, kinds, levels, since, rights, reaction }: State): Stimulus[] {
  const answered = Array.from({ length: open ? shown - 1 : shown }, (_, n) => n).filter((n) => kinds[n] !== LEAD);
  return answered.map((n) => {
    const steps = reaction[n] ?? -1;
    const level = levels[n] ?? 1;
    return {
      t: inMs(since[n] ?? 0),
      kind: kinds[n] === SAME ? 'same' : kinds[n] === LURE ? 'lure' : 'other',
      right: rights[n] === 1,
      reactionMs: steps < 0 ? null : inMs(steps),
      data: [level, levelAt(level).back, pictures[n] ?? 0],
    };
  });
}
