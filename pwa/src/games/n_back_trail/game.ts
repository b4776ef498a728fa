/** N-Back Trail: Neo crosses a pond on stepping stones and remembers their pictures. */

import type { Game } from '../engine/game.ts';
import { ONE_BUTTON, pressStimuli } from '../engine/press.ts';
import { praise, tip } from './feedback.ts';
import { bot, rules, type State } from './rules.ts';
import { levelAt } from './rules_levels.ts';
import { LEAD, LURE, SAME } from './rules_trail.ts';
import { TUTORIAL, WORDS } from './words.ts';
import { view } from './view.ts';

export const game: Game<State> = {
  id: 'n_back_trail',
  rules,
  words: WORDS,
  controls: ONE_BUTTON,
  view,
  stimuli: (state) => pressStimuli(state, (n) => tell(state, n)),
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

/** The first stones of a walk ask nothing. */
function tell({ kinds, levels, pictures }: State, n: number) {
  const level = levels[n] ?? 1;
  if (kinds[n] === LEAD) return null;
  return { kind: kinds[n] === SAME ? 'same' : kinds[n] === LURE ? 'lure' : 'other', data: [level, levelAt(level).back, pictures[n] ?? 0] };
}
