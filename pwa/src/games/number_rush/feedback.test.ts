import fc from 'fast-check';
import { expect, it } from 'vitest';

import type { Played } from '../engine/game.ts';
import { answersOf, feedbackContract, isEasier, isHarder, roundWith, SHARED } from '../engine/feedback_contract.ts';
import { HASTY_MS, LONG_CHAIN, SOME } from './feedback.ts';
import { game } from './game.ts';
import { SENTENCES } from './words.ts';

type Kind = 'most' | 'plus' | 'minus' | 'times';

interface Given {
  kind: Kind;
  right: boolean;
  /** null: no answer in time. */
  ms: number | null;
}

/** A round with these answers, with the counters that the game gives for it. */
function round(given: readonly Given[], { level = 5, next = 5, completed = true, touched = true } = {}): Played {
  const all = given.map((one) => ({ ...one, right: one.right && one.ms !== null }));
  const right = all.filter((one) => one.right).length;
  let chain = 0;
  const longestChain = all.reduce((most, one) => Math.max(most, (chain = one.right ? chain + 1 : 0)), 0);
  return roundWith(game, {
    accuracy: all.length === 0 ? 0 : right / all.length,
    completed,
    difficulty: level,
    nextDifficulty: next,
    trace: touched ? [60, 16] : [],
    stimuli: all.map(({ kind, right: isRight, ms }, at) => ({ t: at * 2000, kind, right: isRight, reactionMs: ms, data: [] })),
    effort: { right, longestChain, recovered: recovered(all), slips: all.length - right },
  });
}

const recovered = (all: readonly { right: boolean }[]) => all.filter((one, at) => one.right && all[at - 1]?.right === false).length;

const some = (count: number, kind: Kind, right: boolean, ms: number | null = 1500): Given[] =>
  Array.from({ length: count }, () => ({ kind, right, ms }));

const given = fc.array(
  fc.record({
    kind: fc.constantFrom<Kind>('most', 'plus', 'minus', 'times'),
    right: fc.boolean(),
    ms: fc.option(fc.integer({ min: 300, max: 4000 })),
  }),
  { maxLength: 60 },
);
const level = fc.integer({ min: 1, max: 20 });

const slips = ({ stimuli }: Played, of: (one: Played['stimuli'][number]) => boolean) => stimuli.filter((one) => !one.right && of(one)).length;
const isOften = (kind: Kind) => (one: Played) => answersOf(one, kind, false) >= SOME;

feedbackContract(game, {
  sentences: SENTENCES,
  rounds: fc.tuple(given, fc.record({ level, next: level, completed: fc.boolean(), touched: fc.boolean() })).map((one) => round(...one)),
  numRuns: 2_000,
  trueWhen: {
    result_chain: ({ effort }, n) => n === effort.longestChain && n >= LONG_CHAIN,
    result_found: ({ stimuli }, n) => n === stimuli.filter(({ right }) => right).length && n > 0,
    result_end: ({ completed, stimuli }) => completed && !stimuli.some(({ right }) => right),
    result_recovered: ({ stimuli }, n) => n === recovered(stimuli) && n > 0,
    tip_look: (one) => isOften('most')(one) || slips(one, ({ reactionMs }) => reactionMs !== null && reactionMs < HASTY_MS) >= SOME,
    tip_nearest: (one) => slips(one, ({ reactionMs }) => reactionMs === null) >= SOME,
    tip_plus: isOften('plus'),
    tip_minus: isOften('minus'),
    tip_times: isOften('times'),
    tip_harder: isHarder,
    tip_easier: isEasier,
    tip_chain: ({ effort }, n) => effort.longestChain! < n,
  },
  cases: [
    ['a round that was left', round([], { completed: false }), [SHARED]],
    ['nobody touched', round(some(9, 'most', false, null), { touched: false }), [SHARED]],
    ['all right, and harder next', round(some(30, 'plus', true), { next: 7 }), ['result_chain', 'tip_harder']],
    ['all right at the same level', round(some(5, 'plus', true)), ['result_found', 'tip_chain']],
    ['nothing right', round(some(3, 'plus', false), { next: 4 }), ['result_end', 'tip_easier']],
    [
      'slips made good',
      round([...some(1, 'minus', false), ...some(2, 'minus', true), ...some(1, 'minus', false), ...some(2, 'plus', true)]),
      ['result_found', 'result_recovered', 'tip_chain'],
    ],
    ['sums', round([...some(9, 'times', true), ...some(4, 'plus', false)]), ['result_chain', 'tip_plus']],
    ['differences', round([...some(9, 'times', true), ...some(4, 'plus', false), ...some(5, 'minus', false)]), ['result_chain', 'tip_minus']],
    ['products', round([...some(4, 'times', false), ...some(3, 'times', true)]), ['result_found', 'tip_times']],
    ['the greatest', round([...some(4, 'most', false), ...some(3, 'times', true)]), ['result_found', 'tip_look']],
    ['haste', round([...some(6, 'times', false, 500), ...some(3, 'times', true)]), ['result_found', 'tip_look']],
    ['no answer in time', round([...some(6, 'times', false, null), ...some(3, 'times', true)]), ['result_found', 'tip_nearest']],
  ],
});

it('the counters of effort are those of the answers', () => {
  const effortOf = (chosen: readonly boolean[]) =>
    game.effort({
      ...game.rules.init(1, 1),
      right: chosen.filter(Boolean).length,
      total: chosen.length,
      answered: chosen.map((isRight) => ({ kind: 3, a: 1, b: 2, right: 3, chosen: isRight ? 3 : 4, shownAt: 1, took: 50 })),
    });
  expect(effortOf([])).toMatchObject({ right: 0, recovered: 0, slips: 0 });
  expect(effortOf([true, false, true, false, false, true])).toMatchObject({ right: 3, recovered: 2, slips: 3 });
});
