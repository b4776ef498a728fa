/** Memory Pairs: find the cards with the same picture. */

import type { Game } from '../engine/game.ts';
import { inMs } from '../engine/round.ts';
import type { Stimulus } from '../types.ts';
import { bot } from './bot.ts';
import { praise, tip } from './feedback.ts';
import { TAKE_PAIR, type State } from './rules_board.ts';
import { rules } from './rules.ts';
import { view } from './view.ts';
import { TUTORIAL, WORDS } from './words.ts';

export const game: Game<State> = {
  id: 'memory_pairs',
  rules,
  words: WORDS,
  controls: { inTurn: true },
  view,
  stimuli,
  effort: ({ pairs, remembered, cleared, clean, longestChain }) => ({ pairs, remembered, cleared, clean, longestChain }),
  chain: ({ chain }) => chain,
  praise,
  tip,
  bot,
  tutorial: {
    seed: 6,
    level: 1,
    seconds: 20,
    says: [
      { fromSeconds: 0, sentence: TUTORIAL.look },
      { fromSeconds: 6, sentence: TUTORIAL.turn },
      { fromSeconds: 11, sentence: TUTORIAL.remember },
    ],
  },
};

/** Every turn: was there a pair to take, or a new card to turn? */
function stimuli({ asked, total }: State): Stimulus[] {
  return Array.from({ length: total }, (_, i) => ({
    t: inMs(asked.from[i] ?? 0),
    kind: asked.kind[i] === TAKE_PAIR ? 'take_pair' : 'turn_new',
    right: asked.right[i] === 1,
    reactionMs: inMs(asked.took[i] ?? 0),
    data: [asked.first[i] ?? 0, asked.second[i] ?? 0],
  }));
}
