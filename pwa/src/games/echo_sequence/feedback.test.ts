import fc from 'fast-check';
import { expect, it } from 'vitest';

import { LANGUAGES } from '../../i18n/text.ts';
import type { Played } from '../engine/game.ts';
import { feedbackContract, isEasier, isHarder, playedRounds, roundWith, SHARED } from '../engine/feedback_contract.ts';
import { idle, masher, type Hand } from '../engine/play.ts';
import { bot } from './bot.ts';
import { game } from './game.ts';
import { byCurve, bySpan } from './learners.ts';
import { DRUMS, type State } from './rules.ts';
import { drumName, SENTENCES, WORDS } from './words.ts';

/** Beats of the phrases of a kind that were played back right (or not). */
const beats = ({ stimuli }: Played, kind: RegExp, right = true) =>
  stimuli.filter((one) => one.right === right && kind.test(one.kind)).map(({ data }) => data[0]!);

const hands = fc.oneof(
  fc.constantFrom<Hand<State>>(bot, idle),
  fc.integer({ min: 0, max: 1000 }).map((right) => byCurve(() => right, right)),
  fc.integer({ min: 1, max: 9 }).map((span) => bySpan(span, span)),
  fc.integer({ min: 1, max: 90 }).map((every) => masher<State>(every, DRUMS)),
);

const round = (change: Partial<Played>) => roundWith(game, change);

feedbackContract(game, {
  sentences: SENTENCES,
  rounds: playedRounds(game, hands),
  trueWhen: {
    result_longest: (one, n) => n === Math.max(...beats(one, /./)),
    result_back: (one, n) => n > 0 && n === beats(one, /back/).length,
    result_recovered: ({ stimuli }, n) => n > 0 && n === stimuli.filter((one, at) => one.right && stimuli[at - 1]?.right === false).length,
    result_listened: ({ effort, stimuli }, n) => n > 0 && n === effort.listened && n <= stimuli.length,
    result_end: (one) => one.completed && beats(one, /./).length === 0,
    tip_harder: isHarder,
    tip_easier: isEasier,
    tip_wait: ({ effort }) => effort.early! > 1,
    tip_back: (one) => beats(one, /back/, false).length > 0,
    tip_sing: () => true,
  },
  cases: [
    ['nobody tapped', round({ trace: [] }), [SHARED]],
    ['no phrase', round({}), ['result_end', 'tip_sing']],
    ['phrases, and taps too soon', round({ effort: { right: 3, longest: 4, early: 2, listened: 2 } }), ['result_longest', 'result_listened', 'tip_wait']],
    ['only taps too soon', round({ effort: { right: 1, longest: 2, early: 1 } }), ['result_longest', 'tip_sing']],
    ['slips, and easier next', round({ effort: { right: 3, longest: 4, recovered: 1, listened: 5 }, nextDifficulty: 4 }), ['result_longest', 'result_recovered', 'tip_easier']],
    ['phrases from their end', round({ effort: { right: 6, longest: 6, back: 2, backSlips: 1 } }), ['result_longest', 'result_back', 'tip_back']],
    ['harder next', round({ effort: { right: 6, longest: 6, listened: 6 }, nextDifficulty: 16 }), ['result_longest', 'result_listened', 'tip_harder']],
  ],
});

it.each(LANGUAGES)('each drum has a name of its own: $id', ({ id }) => {
  const names = DRUMS.map((_, drum) => drumName(id, drum));
  expect(new Set(names.map((name) => name.replace(/\d/, ''))).size).toBe(6);
  expect(names[0]).toBe(`${{ en: 'drum', 'pt-BR': 'tambor', es: 'tambor' }[id]} 1, ${WORDS[id].forms[0]}`);
});
