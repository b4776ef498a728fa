import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LANGUAGES } from '../../i18n/text.ts';
import type { Played } from '../engine/game.ts';
import { answers, answersOf, feedbackContract, isEasier, isHarder, playedRounds, roundWith } from '../engine/feedback_contract.ts';
import { PICTURE_NAMES } from '../engine/pictures.ts';
import { masher, type Hand } from '../engine/play.ts';
import { bot } from './bot.ts';
import { game } from './game.ts';
import { byCurve, bySpan } from './learners.ts';
import type { State } from './rules_board.ts';
import { turn } from './rules.ts';
import { SENTENCES, WORDS } from './words.ts';

const hands = fc.oneof(
  fc.constant<Hand<State>>(bot),
  fc.integer({ min: 0, max: 1000 }).map((right) => byCurve(() => right, right)),
  fc.integer({ min: 1, max: 9 }).map((span) => bySpan(span, span)),
  fc.integer({ min: 1, max: 90 }).map((every) => masher<State>(every, [3, 8, 1, 5, 0, 2, 7, 4, 6].map(turn))),
);

const round = (change: Partial<Played>) => roundWith(game, { effort: { pairs: 0, remembered: 0, cleared: 0, clean: 0, longestChain: 0 }, ...change });

feedbackContract(game, {
  sentences: SENTENCES,
  rounds: playedRounds(game, hands),
  trueWhen: {
    result_pairs: ({ effort }, n) => n === effort.pairs && n > 0,
    result_clean: ({ effort }, n) => n === effort.clean && n > 0 && n <= effort.cleared!,
    result_remembered: ({ effort }, n) => n === effort.remembered && n > 0 && n <= effort.pairs!,
    result_end: ({ completed, effort }) => completed && effort.pairs === 0,
    tip_harder: isHarder,
    tip_easier: isEasier,
    tip_take: (one) => answersOf(one, 'take_pair', false) > 0,
    tip_new: (one) => answersOf(one, 'turn_new', false) > 0,
    tip_name: () => true,
  },
  cases: [
    ['no pair', round({}), ['result_end', 'tip_name']],
    ['a pair by luck', round({ effort: { pairs: 1 }, stimuli: answers(1, 'turn_new', false) }), ['result_pairs', 'tip_new']],
    [
      'pairs passed over',
      round({ effort: { pairs: 4, remembered: 2 }, stimuli: [...answers(3, 'take_pair', false), ...answers(1, 'turn_new', false)] }),
      ['result_pairs', 'result_remembered', 'tip_take'],
    ],
    ['a clean board, and easier next', round({ effort: { pairs: 7, clean: 1, remembered: 3 }, nextDifficulty: 4 }), ['result_clean', 'result_remembered', 'tip_easier']],
    ['harder next', round({ effort: { pairs: 7, clean: 1 }, nextDifficulty: 16 }), ['result_clean', 'tip_harder']],
  ],
});

describe('names of pictures', () => {
  it.each(LANGUAGES)('differ, and say what is there: $id', ({ id }) => {
    const { forms } = WORDS[id];
    expect([new Set(PICTURE_NAMES[id]).size, new Set(forms).size]).toEqual([12, 4]);
  });
});
