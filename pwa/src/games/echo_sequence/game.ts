/** Echo Sequence: the drums play a phrase, and the child plays it back. */

import type { Game } from '../engine/game.ts';
import { inMs } from '../engine/round.ts';
import type { Stimulus } from '../types.ts';
import { bot } from './bot.ts';
import { praise, tip } from './feedback.ts';
import { DRUMS, rules, type State } from './rules.ts';
import { TUTORIAL, WORDS } from './words.ts';
import { view } from './view.ts';

const KEYS = Object.fromEntries(DRUMS.flatMap((input, drum) => [[`Digit${drum + 1}`, input], [`Numpad${drum + 1}`, input]]));

export const game: Game<State> = {
  id: 'echo_sequence',
  rules,
  words: WORDS,
  controls: { inTurn: true, keys: KEYS },
  view,
  stimuli,
  effort,
  chain: ({ chain }) => chain,
  praise,
  tip,
  bot,
  tutorial: {
    seed: 3,
    level: 1,
    seconds: 20,
    says: [
      { fromSeconds: 0, sentence: TUTORIAL.listen },
      { fromSeconds: 3, sentence: TUTORIAL.echo },
      { fromSeconds: 11, sentence: TUTORIAL.longer },
    ],
  },
};

/** Every phrase that was played back. The answer is its last tap, and the phrase could be known from
 * its last beat on. Data: beats, drums, 1 if it was played back from its end, the beats, and for each
 * tap its drum and milliseconds from the child's turn. */
function stimuli({ answered }: State): Stimulus[] {
  return answered.map(({ phrase, isBack, drums, shownAt, lastBeatAt, turnAt, right, taps, tapSteps }) => ({
    t: inMs(shownAt),
    kind: isBack ? 'back' : 'forward',
    right,
    reactionMs: inMs(turnAt - lastBeatAt + (tapSteps[tapSteps.length - 1] ?? 0)),
    data: [phrase.length, drums, isBack ? 1 : 0, ...phrase, ...taps.flatMap((drum, at) => [drum, inMs(tapSteps[at] ?? 0)])],
  }));
}

function effort({ answered, longestChain }: State): Record<string, number> {
  const right = answered.filter((one) => one.right);
  const back = answered.filter(({ isBack }) => isBack);
  const listened = answered.filter(({ waited }) => waited).length;
  return {
    right: right.length,
    longest: Math.max(0, ...right.map(({ phrase }) => phrase.length)),
    longestChain,
    back: back.filter((one) => one.right).length,
    backSlips: back.filter((one) => !one.right).length,
    recovered: answered.filter((one, at) => one.right && answered[at - 1]?.right === false).length,
    listened,
    early: answered.length - listened,
  };
}
