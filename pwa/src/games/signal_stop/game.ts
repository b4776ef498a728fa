/** Signal Stop: Neo carries lanterns over a crossing and waits where a lantern says stop. */

import type { Game } from '../engine/game.ts';
import { ONE_BUTTON, pressStimuli } from '../engine/press.ts';
import { praise, tip } from './feedback.ts';
import { GO } from './rules_course.ts';
import { bot, rules, type State } from './rules.ts';
import { view } from './view.ts';
import { TUTORIAL, WORDS } from './words.ts';

export const game: Game<State> = {
  id: 'signal_stop',
  rules,
  words: WORDS,
  controls: ONE_BUTTON,
  view,
  stimuli: (state) => pressStimuli(state, (n) => tell(state, n)),
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

const tell = ({ kinds, levels }: State, n: number) => ({ kind: kinds[n] === GO ? 'go' : 'stop', data: [levels[n] ?? 0] });
