import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Played } from '../engine/game.ts';
import { feedbackOn } from '../engine/round.ts';
import { HASTY_MS, LONG_CHAIN, SOME } from './feedback.ts';
import { game } from './game.ts';
import { SENTENCES } from './words.ts';

type SentenceId = keyof typeof SENTENCES;
type Kind = 'most' | 'plus' | 'minus' | 'times';

interface Given {
  kind: Kind;
  right: boolean;
  /** null: no answer in time. */
  ms: number | null;
}

/** A round with these answers, with the counters that the game gives for it. */
function roundWith(given: readonly Given[], { level = 5, next = 5, completed = true, touched = true } = {}): Played {
  const answers = given.map((one) => ({ ...one, right: one.right && one.ms !== null }));
  const right = answers.filter((one) => one.right).length;
  const recovered = answers.filter((one, at) => one.right && answers[at - 1]?.right === false).length;
  let chain = 0;
  const longestChain = answers.reduce((most, one) => Math.max(most, (chain = one.right ? chain + 1 : 0)), 0);
  return {
    score: 0,
    durationS: 90,
    accuracy: answers.length === 0 ? 0 : right / answers.length,
    completed,
    difficulty: level,
    nextDifficulty: next,
    stepReason: '',
    seed: 1,
    trace: touched ? [60, 16] : [],
    reactionTimesMs: [],
    stimuli: answers.map(({ kind, right: isRight, ms }, at) => ({ t: at * 2000, kind, right: isRight, reactionMs: ms, data: [] })),
    effort: { right, longestChain, recovered, slips: answers.length - right },
    gameVersion: '1',
  };
}

const some = (count: number, kind: Kind, right: boolean, ms: number | null = 1500): Given[] =>
  Array.from({ length: count }, () => ({ kind, right, ms }));

/** What the game says, by name; `shared` for the sentences of all games. */
const keyed = (round: Played) =>
  feedbackOn(game, round).map(({ sentence, n }) => ({
    key: (Object.entries(SENTENCES).find(([, one]) => one === sentence)?.[0] ?? 'shared') as SentenceId | 'shared',
    n,
  }));

const slips = ({ stimuli }: Played, of: (one: Played['stimuli'][number]) => boolean) => stimuli.filter((one) => !one.right && of(one)).length;
const slipsOf = (round: Played, kind: Kind) => slips(round, (one) => one.kind === kind);

/** When each sentence may appear. */
const TRUE_WHEN: Record<SentenceId | 'shared', (round: Played, n: number | undefined) => boolean> = {
  shared: (round) => !round.completed || round.trace.length === 0,
  result_chain: ({ effort }, n) => n === effort.longestChain && n! >= LONG_CHAIN,
  result_found: ({ stimuli }, n) => n === stimuli.filter(({ right }) => right).length && n > 0,
  result_end: ({ completed, stimuli }) => completed && !stimuli.some(({ right }) => right),
  result_recovered: ({ stimuli }, n) => n === stimuli.filter(({ right }, at) => right && stimuli[at - 1]?.right === false).length && n > 0,
  tip_look: (round) => slipsOf(round, 'most') >= SOME || slips(round, ({ reactionMs }) => reactionMs !== null && reactionMs < HASTY_MS) >= SOME,
  tip_nearest: (round) => slips(round, ({ reactionMs }) => reactionMs === null) >= SOME,
  tip_plus: (round) => slipsOf(round, 'plus') >= SOME,
  tip_minus: (round) => slipsOf(round, 'minus') >= SOME,
  tip_times: (round) => slipsOf(round, 'times') >= SOME,
  tip_harder: ({ difficulty, nextDifficulty }) => nextDifficulty > difficulty,
  tip_easier: ({ difficulty, nextDifficulty }) => nextDifficulty < difficulty,
  tip_chain: ({ effort }, n) => n !== undefined && effort.longestChain! < n,
};

describe('feedback', () => {
  it('says nothing that is not true of the round', () => {
    const answers = fc.array(
      fc.record({
        kind: fc.constantFrom<Kind>('most', 'plus', 'minus', 'times'),
        right: fc.boolean(),
        ms: fc.option(fc.integer({ min: 300, max: 4000 })),
      }),
      { maxLength: 60 },
    );
    const level = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(answers, fc.record({ level, next: level, completed: fc.boolean(), touched: fc.boolean() }), (given, how) => {
        const round = roundWith(given, how);
        const sentences = keyed(round);
        expect(sentences.length).toBeGreaterThan(0);
        for (const { key, n } of sentences) expect(TRUE_WHEN[key](round, n), `${key} (${n})`).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  const CASES: [string, Played, (SentenceId | 'shared')[]][] = [
    ['a round that was left', roundWith([], { completed: false }), ['shared']],
    ['nobody touched', roundWith(some(9, 'most', false, null), { touched: false }), ['shared']],
    ['all right, and harder next', roundWith(some(30, 'plus', true), { next: 7 }), ['result_chain', 'tip_harder']],
    ['all right at the same level', roundWith(some(5, 'plus', true)), ['result_found', 'tip_chain']],
    ['nothing right', roundWith(some(3, 'plus', false), { next: 4 }), ['result_end', 'tip_easier']],
    [
      'slips made good',
      roundWith([...some(1, 'minus', false), ...some(2, 'minus', true), ...some(1, 'minus', false), ...some(2, 'plus', true)]),
      ['result_found', 'result_recovered', 'tip_chain'],
    ],
    ['sums', roundWith([...some(9, 'times', true), ...some(4, 'plus', false)]), ['result_chain', 'tip_plus']],
    ['differences', roundWith([...some(9, 'times', true), ...some(4, 'plus', false), ...some(5, 'minus', false)]), ['result_chain', 'tip_minus']],
    ['products', roundWith([...some(4, 'times', false), ...some(3, 'times', true)]), ['result_found', 'tip_times']],
    ['the greatest', roundWith([...some(4, 'most', false), ...some(3, 'times', true)]), ['result_found', 'tip_look']],
    ['haste', roundWith([...some(6, 'times', false, 500), ...some(3, 'times', true)]), ['result_found', 'tip_look']],
    ['no answer in time', roundWith([...some(6, 'times', false, null), ...some(3, 'times', true)]), ['result_found', 'tip_nearest']],
  ];
  it.each(CASES)('%s', (_, round, expected) => {
    expect(keyed(round).map(({ key }) => key)).toEqual(expected);
  });

  it('has every sentence tried above', () => {
    const tried = new Set(CASES.flatMap(([, round]) => keyed(round).map(({ key }) => key)));
    expect([...tried].sort()).toEqual(Object.keys(TRUE_WHEN).sort());
  });
});

it('the counters of effort are those of the answers', () => {
  const round = (chosen: readonly boolean[]) =>
    game.effort({
      ...game.rules.init(1, 1),
      right: chosen.filter(Boolean).length,
      total: chosen.length,
      answered: chosen.map((isRight) => ({ kind: 3, a: 1, b: 2, right: 3, chosen: isRight ? 3 : 4, shownAt: 1, took: 50 })),
    });
  expect(round([])).toMatchObject({ right: 0, recovered: 0, slips: 0 });
  expect(round([true, false, true, false, false, true])).toMatchObject({ right: 3, recovered: 2, slips: 3 });
});
