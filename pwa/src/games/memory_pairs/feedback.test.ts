import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LANGUAGES, write } from '../../i18n/text.ts';
import { idle, masher, playRound, type Hand } from '../engine/play.ts';
import { PICTURE_NAMES } from '../engine/pictures.ts';
import { feedbackOn, finishedRound } from '../engine/round.ts';
import type { Played, Said, Sentence } from '../engine/game.ts';
import { SENTENCES as SHARED } from '../engine/words.ts';
import { bot } from './bot.ts';
import { praise, tip } from './feedback.ts';
import { game } from './game.ts';
import { byCurve, bySpan } from './learners.ts';
import type { State } from './rules_board.ts';
import { rules, turn } from './rules.ts';
import { SENTENCES, TUTORIAL, WORDS } from './words.ts';

type Id = keyof typeof SENTENCES;
const idOf = ({ sentence }: Said): string =>
  Object.entries({ ...SENTENCES, ...SHARED }).find(([, one]) => one === sentence)?.[0] ?? 'unknown';
const wrong = ({ stimuli }: Played, kind: string) => stimuli.filter((one) => one.kind === kind && !one.right).length;

/** When each sentence may appear. */
const TRUE_WHEN: Record<Id, (round: Played, n: number | undefined) => boolean> = {
  result_pairs: ({ effort }, n) => n === effort.pairs && n! > 0,
  result_clean: ({ effort }, n) => n === effort.clean && n! > 0 && n! <= effort.cleared!,
  result_remembered: ({ effort }, n) => n === effort.remembered && n! > 0 && n! <= effort.pairs!,
  result_end: ({ completed, effort }) => completed && effort.pairs === 0,
  tip_harder: ({ difficulty, nextDifficulty }) => nextDifficulty > difficulty,
  tip_easier: ({ difficulty, nextDifficulty }) => nextDifficulty < difficulty,
  tip_take: (round) => wrong(round, 'take_pair') > 0,
  tip_new: (round) => wrong(round, 'turn_new') > 0,
  tip_name: () => true,
};

function roundOf(seed: number, level: number, hand: Hand<State>): Played {
  const { state, trace } = playRound(rules, { seed, level, hand });
  return finishedRound(game, state, trace);
}

const round = (change: Partial<Played>): Played => ({
  ...roundOf(1, 5, idle),
  trace: [60, 16],
  difficulty: 5,
  nextDifficulty: 5,
  effort: { pairs: 0, remembered: 0, cleared: 0, clean: 0, longestChain: 0 },
  ...change,
});
const turns = (count: number, kind: string, right: boolean) =>
  Array.from({ length: count }, () => ({ t: 0, kind, right, reactionMs: 900, data: [0, 1] }));

describe('feedback', () => {
  it('says nothing that is not true of the round', () => {
    const hands = fc.oneof(
      fc.constant<Hand<State>>(bot),
      fc.integer({ min: 0, max: 1000 }).map((right) => byCurve(() => right, right)),
      fc.integer({ min: 1, max: 9 }).map((span) => bySpan(span, span)),
      fc.integer({ min: 1, max: 90 }).map((every) => masher<State>(every, [3, 8, 1, 5, 0, 2, 7, 4, 6].map(turn))),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.integer({ min: 1, max: 20 }), hands, (seed, level, hand) => {
        const played = roundOf(seed, level, hand);
        const said = feedbackOn(game, played);
        expect(said.length).toBeGreaterThanOrEqual(2);
        for (const one of said) expect(TRUE_WHEN[idOf(one) as Id](played, one.n), idOf(one)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  const CASES: [string, Played, Id[]][] = [
    ['no pair', round({}), ['result_end', 'tip_name']],
    ['a pair by luck', round({ effort: { pairs: 1 }, stimuli: turns(1, 'turn_new', false) }), ['result_pairs', 'tip_new']],
    [
      'pairs passed over',
      round({ effort: { pairs: 4, remembered: 2 }, stimuli: [...turns(3, 'take_pair', false), ...turns(1, 'turn_new', false)] }),
      ['result_pairs', 'result_remembered', 'tip_take'],
    ],
    ['a clean board, and easier next', round({ effort: { pairs: 7, clean: 1, remembered: 3 }, nextDifficulty: 4 }), ['result_clean', 'result_remembered', 'tip_easier']],
    ['harder next', round({ effort: { pairs: 7, clean: 1 }, nextDifficulty: 6 }), ['result_clean', 'tip_harder']],
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

describe('names of pictures', () => {
  it.each(LANGUAGES)('differ, and say what is there: $id', ({ id }) => {
    const { forms } = WORDS[id];
    expect([new Set(PICTURE_NAMES[id]).size, new Set(forms).size]).toEqual([12, 4]);
  });
});
