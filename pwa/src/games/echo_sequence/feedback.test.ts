import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LANGUAGES, write } from '../../i18n/text.ts';
import type { Played, Said, Sentence } from '../engine/game.ts';
import { idle, masher, playRound, type Hand } from '../engine/play.ts';
import { feedbackOn, finishedRound } from '../engine/round.ts';
import { SENTENCES as SHARED } from '../engine/words.ts';
import { bot } from './bot.ts';
import { praise, tip } from './feedback.ts';
import { game } from './game.ts';
import { byCurve, bySpan } from './learners.ts';
import { DRUMS, rules, type State } from './rules.ts';
import { drumName, SENTENCES, TUTORIAL, WORDS } from './words.ts';

type Id = keyof typeof SENTENCES;
const idOf = ({ sentence }: Said): string => Object.entries({ ...SENTENCES, ...SHARED }).find(([, one]) => one === sentence)?.[0] ?? 'unknown';

/** Beats of the phrases of a kind that were played back right (or not). */
const beats = ({ stimuli }: Played, kind: RegExp, right = true) =>
  stimuli.filter((one) => one.right === right && kind.test(one.kind)).map(({ data }) => data[0]!);

/** When each sentence may appear. */
const TRUE_WHEN: Record<Id | 'watched', (round: Played, n: number | undefined) => boolean> = {
  result_longest: (round, n) => n === Math.max(...beats(round, /./)),
  result_back: (round, n) => n! > 0 && n === beats(round, /back/).length,
  result_recovered: ({ stimuli }, n) => n! > 0 && n === stimuli.filter((one, at) => one.right && stimuli[at - 1]?.right === false).length,
  result_listened: ({ effort, stimuli }, n) => n! > 0 && n === effort.listened && n! <= stimuli.length,
  result_end: (round) => round.completed && beats(round, /./).length === 0,
  tip_harder: ({ difficulty, nextDifficulty }) => nextDifficulty > difficulty,
  tip_easier: ({ difficulty, nextDifficulty }) => nextDifficulty < difficulty,
  tip_wait: ({ effort }) => effort.early! > 1,
  tip_back: (round) => beats(round, /back/, false).length > 0,
  tip_sing: () => true,
  watched: ({ trace }) => trace.length === 0,
};

function roundOf(seed: number, level: number, hand: Hand<State>): Played {
  const { state, trace } = playRound(rules, { seed, level, hand });
  return finishedRound(game, state, trace);
}

const round = (change: Partial<Played>): Played => ({ ...roundOf(1, 5, idle), trace: [60, 16], difficulty: 5, nextDifficulty: 5, effort: {}, ...change });

describe('feedback', () => {
  it('says nothing that is not true of the round', () => {
    const hands = fc.oneof(
      fc.constantFrom<Hand<State>>(bot, idle),
      fc.integer({ min: 0, max: 1000 }).map((right) => byCurve(() => right, right)),
      fc.integer({ min: 1, max: 9 }).map((span) => bySpan(span, span)),
      fc.integer({ min: 1, max: 90 }).map((every) => masher<State>(every, DRUMS)),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.integer({ min: 1, max: 20 }), hands, (seed, level, hand) => {
        const played = roundOf(seed, level, hand);
        const said = feedbackOn(game, played);
        for (const one of said) expect(TRUE_WHEN[idOf(one) as Id](played, one.n), idOf(one)).toBe(true);
      }),
      { numRuns: 120 },
    );
  });

  const CASES: [string, Played, Id[]][] = [
    ['no phrase', round({}), ['result_end', 'tip_sing']],
    ['phrases, and taps too soon', round({ effort: { right: 3, longest: 4, early: 2, listened: 2 } }), ['result_longest', 'result_listened', 'tip_wait']],
    ['only taps too soon', round({ effort: { right: 1, longest: 2, early: 1 } }), ['result_longest', 'tip_sing']],
    ['slips, and easier next', round({ effort: { right: 3, longest: 4, recovered: 1, listened: 5 }, nextDifficulty: 4 }), ['result_longest', 'result_recovered', 'tip_easier']],
    ['phrases from their end', round({ effort: { right: 6, longest: 6, back: 2, backSlips: 1 } }), ['result_longest', 'result_back', 'tip_back']],
    ['harder next', round({ effort: { right: 6, longest: 6, listened: 6 }, nextDifficulty: 6 }), ['result_longest', 'result_listened', 'tip_harder']],
  ];
  it.each(CASES)('after %s', (_, played, expected) => {
    expect([...praise(played), tip(played)].map(idOf)).toEqual(expected);
  });

  it('has every sentence tried above', () => {
    const tried = new Set(CASES.flatMap(([, played]) => [...praise(played), tip(played)].map(idOf)));
    expect([...tried].sort()).toEqual(Object.keys(SENTENCES).sort());
  });

  it('compares no children, promises no cleverness and blames nobody, in any language', () => {
    const never = /\b(better|others|smart|clever|talent|wrong|mistake|melhor que|outros|intelig|err(ou|ado)|mejor que|otros|list[oa]s?|mal)\b/i;
    const all: Sentence[] = [...Object.values(SENTENCES), ...Object.values(TUTORIAL)];
    for (const { id } of LANGUAGES) for (const one of all) for (const n of [1, 2]) expect(write(id, one[id], { n })).not.toMatch(never);
  });
});

it.each(LANGUAGES)('each drum has a name of its own: $id', ({ id }) => {
  const names = DRUMS.map((_, drum) => drumName(id, drum));
  expect(new Set(names.map((name) => name.replace(/\d/, ''))).size).toBe(6);
  expect(names[0]).toBe(`${{ en: 'drum', 'pt-BR': 'tambor', es: 'tambor' }[id]} 1, ${WORDS[id].forms[0]}`);
});
