/** Number Rush: a lantern asks, three lanterns answer. */

import type { Game } from '../engine/game.ts';
import { inMs } from '../engine/round.ts';
import type { Stimulus } from '../types.ts';
import { praise, tip } from './feedback.ts';
import { MINUS, MOST, MOST_DOTS, PLUS, PLUS_DOTS, TIMES } from './rules_levels.ts';
import { ANSWERS, ASKED, rules, type State } from './rules.ts';
import { view } from './view.ts';
import { TUTORIAL, WORDS } from './words.ts';

const KINDS: Record<number, string> = {
  [MOST_DOTS]: 'most',
  [MOST]: 'most',
  [PLUS_DOTS]: 'plus',
  [PLUS]: 'plus',
  [MINUS]: 'minus',
  [TIMES]: 'times',
};

const [LEFT, MIDDLE, RIGHT] = ANSWERS;

export const game: Game<State> = {
  id: 'number_rush',
  rules,
  words: WORDS,
  controls: {
    inTurn: true,
    keys: {
      ...{ Digit1: LEFT, Digit2: MIDDLE, Digit3: RIGHT, Numpad1: LEFT, Numpad2: MIDDLE, Numpad3: RIGHT },
      ...{ ArrowLeft: LEFT, ArrowUp: MIDDLE, ArrowRight: RIGHT },
    },
    pad: { 2: LEFT, 3: MIDDLE, 1: RIGHT, 14: LEFT, 12: MIDDLE, 15: RIGHT },
  },
  view,
  stimuli,
  effort,
  chain: ({ chain }) => chain,
  praise,
  tip,
  bot,
  tutorial: {
    seed: 20,
    level: 1,
    seconds: 20,
    says: [
      { fromSeconds: 0, sentence: TUTORIAL.most },
      { fromSeconds: 7, sentence: TUTORIAL.time },
      { fromSeconds: 13, sentence: TUTORIAL.sums },
    ],
  },
};

/** Long enough to look at everything, and in time at every level. */
const UNHURRIED_STEPS = 96;

function bot({ outcome, task, step, shownAt }: State): number {
  if (outcome !== ASKED || step + 1 < shownAt + UNHURRIED_STEPS) return 0;
  return ANSWERS[task.answers.indexOf(task.right)] ?? 0;
}

function stimuli({ answered }: State): Stimulus[] {
  return answered.map(({ kind, a, b, right, chosen, shownAt, took }) => ({
    t: inMs(shownAt),
    kind: KINDS[kind] ?? 'most',
    right: chosen === right,
    reactionMs: chosen < 0 ? null : inMs(took),
    data: [a, b, right, chosen],
  }));
}

function effort({ answered, right, total, longestChain }: State): Record<string, number> {
  const isRight = answered.map((one) => one.chosen === one.right);
  const recovered = isRight.filter((now, at) => now && isRight[at - 1] === false).length;
  return { right, longestChain, recovered, slips: total - right };
}
