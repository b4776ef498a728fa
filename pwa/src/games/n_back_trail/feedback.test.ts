import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LANGUAGES, write } from '../../i18n/text.ts';
import type { Played } from '../engine/game.ts';
import { answers, feedbackContract, isEasier, isHarder, playedRounds, roundWith } from '../engine/feedback_contract.ts';
import { masher, type Hand } from '../engine/play.ts';
import { PRESS } from '../engine/rules_press.ts';
import { game } from './game.ts';
import { handOf } from './learners.ts';
import { MOST_BACK } from './rules_levels.ts';
import { bot, type State } from './rules.ts';
import { SENTENCES, WORDS } from './words.ts';

/** Stones that were the same, or were not, and answered right, or not. */
const stones = ({ stimuli }: Played, same: boolean, isRight: boolean) =>
  stimuli.filter(({ kind, right }) => (kind === 'same') === same && right === isRight).length;
const slips = (one: Played) => stones(one, false, false) + stones(one, true, false);

function longestRun({ stimuli }: Played): number {
  const runs = stimuli.map(({ right }) => (right ? '1' : '0')).join('').split('0');
  return Math.max(...runs.map((run) => run.length));
}

const learner = fc
  .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 99 }))
  .map(([level, seed]) => handOf({ level, slope: 3, pressMs: 700, spreadMs: 150 }, seed));
const hands = fc.oneof<fc.Arbitrary<Hand<State>>[]>(learner, fc.constant(bot), fc.integer({ min: 3, max: 300 }).map((every) => masher<State>(every, [PRESS])));

const round = (change: Partial<Played>) => roundWith(game, change);

feedbackContract(game, {
  sentences: SENTENCES,
  rounds: playedRounds(game, hands),
  trueWhen: {
    found: (one, n) => n > 0 && n === one.effort.found && n <= stones(one, true, true),
    waited: (one, n) => n === one.effort.waited && n <= stones(one, false, true) && n > stones(one, false, false),
    chain: (one, n) => n >= 8 && n === one.effort.longestChain && n <= longestRun(one),
    stayed: ({ completed }) => completed,
    tip_wait: (one) => stones(one, false, false) > 0,
    tip_name: (one) => slips(one) > 0,
    tip_harder: isHarder,
    tip_easier: isEasier,
    tip_calm: (one) => slips(one) === 0,
  },
  cases: [
    ['a long chain, then presses too many', round({ effort: { waited: 20, found: 7, longestChain: 12 }, stimuli: answers(3, 'other', false) }), ['found', 'chain', 'tip_wait']],
    [
      'patient, with some missed',
      round({ effort: { waited: 20, found: 4, longestChain: 6 }, stimuli: [...answers(5, 'same', false), ...answers(2, 'lure', false)] }),
      ['found', 'waited', 'tip_name'],
    ],
    [
      'pressed for nearly everything',
      round({ effort: { waited: 2, found: 1, longestChain: 3 }, stimuli: answers(20, 'other', false), nextDifficulty: 8 }),
      ['found', 'tip_easier'],
    ],
    ['all missed', round({ stimuli: answers(9, 'same', false) }), ['stayed', 'tip_name']],
    ['all right', round({ effort: { found: 5 }, stimuli: answers(5, 'same', true) }), ['found', 'tip_calm']],
    ['harder next time', round({ effort: { found: 5 }, nextDifficulty: 12 }), ['found', 'tip_harder']],
  ],
});

describe('the words', () => {
  it.each(LANGUAGES)('name each number of stones back: $id', ({ id }) => {
    const { same, walk } = WORDS[id];
    for (const texts of [same, walk]) {
      expect(new Set(texts).size).toBe(MOST_BACK + 1);
      for (const text of texts.slice(1)) expect(write(id, text, {})).toBe(text);
    }
  });
});
