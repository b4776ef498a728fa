import fc from 'fast-check';

import type { Played } from '../engine/game.ts';
import { answers, answersOf, feedbackContract, isEasier, isHarder, playedRounds, roundWith } from '../engine/feedback_contract.ts';
import { masher, type Hand } from '../engine/play.ts';
import { PRESS } from '../engine/rules_press.ts';
import { game } from './game.ts';
import { GO } from './rules_course.ts';
import { bot, type State } from './rules.ts';
import { SENTENCES } from './words.ts';

/** Misses one round lantern of `go`, taps one hexagon of `stop`. */
const slipping =
  ([go, stop]: [number, number]): Hand<State> =>
  (state) => {
    if (state.kind === GO) return state.shown % go === 0 ? 0 : bot(state);
    return state.open && state.shown % stop === 0 && state.step - state.appeared > 9 ? PRESS : 0;
  };
const often = fc.integer({ min: 2, max: 9 });
const hands = fc.oneof(fc.tuple(often, often).map(slipping), fc.constant(bot), fc.integer({ min: 3, max: 80 }).map((every) => masher<State>(every, [PRESS])));

const round = (change: Partial<Played>) => roundWith(game, change);

feedbackContract(game, {
  sentences: SENTENCES,
  rounds: playedRounds(game, hands),
  trueWhen: {
    // At least so often: what a child who no longer taps leaves alone does not count.
    waited: (one, n) => n === one.effort.waited && n > answersOf(one, 'stop', false) && n <= answersOf(one, 'stop', true),
    chain: ({ effort }, n) => n === effort.longestChain && n >= 8,
    carried: (one, n) => n > 0 && n === answersOf(one, 'go', true),
    stayed: ({ completed }) => completed,
    tip_wait: (one) => answersOf(one, 'stop', false) > 0,
    tip_tap: (one) => answersOf(one, 'go', false) > 0,
    tip_harder: isHarder,
    tip_easier: isEasier,
    tip_calm: (one) => answersOf(one, 'stop', false) + answersOf(one, 'go', false) === 0,
  },
  cases: [
    ['patient, with a long chain', round({ effort: { waited: 9, carried: 30, longestChain: 12 }, stimuli: answers(2, 'stop', false) }), ['waited', 'chain', 'tip_wait']],
    ['tapped for most hexagons', round({ effort: { waited: 2, carried: 30, longestChain: 7 }, stimuli: answers(9, 'stop', false), nextDifficulty: 8 }), ['carried', 'tip_easier']],
    ['all missed', round({ stimuli: answers(9, 'go', false) }), ['stayed', 'tip_tap']],
    ['all right', round({ effort: { carried: 5 }, stimuli: answers(5, 'go', true) }), ['carried', 'tip_calm']],
    ['harder next time', round({ effort: { carried: 5 }, nextDifficulty: 12 }), ['carried', 'tip_harder']],
  ],
});
