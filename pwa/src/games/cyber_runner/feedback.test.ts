import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LANGUAGES, write } from '../../i18n/text.ts';
import type { Stimulus } from '../types.ts';
import { feedbackOf, feedbackOn, type Played } from './feedback.ts';
import { SENTENCES, type SentenceId } from './words.ts';
import { nextDifficulty } from './staircase.ts';

const kinds = fc.constantFrom<Stimulus['kind']>('orb', 'obstacle', 'decoy');
const stimuli = fc.array(fc.record({ kind: kinds, right: fc.boolean() }), { maxLength: 120 });

/** A round as the rules count it. */
function roundWith(given: {
  answers?: readonly { kind: Stimulus['kind']; right: boolean }[];
  difficulty?: number;
  completed?: boolean;
  longestChain?: number;
  touched?: boolean;
}): Played {
  const { answers = [], difficulty = 3, completed = true, longestChain = 0, touched = true } = given;
  const done = (kind: Stimulus['kind']) => answers.filter((one) => one.kind === kind && one.right).length;
  const right = answers.filter((one) => one.right).length;
  const step = nextDifficulty(difficulty, right, answers.length, completed);
  return {
    score: 0,
    durationS: 120,
    accuracy: answers.length === 0 ? 0 : right / answers.length,
    completed,
    difficulty,
    nextDifficulty: step.next,
    stepReason: step.reason,
    seed: 1,
    trace: touched ? [60, 1] : [],
    reactionTimesMs: [],
    stimuli: answers.map(({ kind, right: isRight }, i) => ({ t: i * 1000, lane: 1, kind, right: isRight, reactionMs: null })),
    effort: { orbs: done('orb'), dodged: done('obstacle'), decoysLeft: done('decoy'), longestChain },
    gameVersion: '1',
  };
}

const some = (count: number, kind: Stimulus['kind'], right: boolean) => Array.from({ length: count }, () => ({ kind, right }));
const said = (round: Played) => feedbackOn(round).map(({ key }) => key);

/** When each sentence may appear; one that is not listed is never used. */
const TRUE_WHEN: Record<SentenceId, (round: Played, n: number | undefined) => boolean> = {
  result_left: (round) => !round.completed,
  result_watched: (round) => round.completed && round.trace.length === 0,
  tip_touch: (round) => round.completed && round.trace.length === 0,
  result_chain: ({ effort }, n) => n === effort.longestChain && effort.longestChain >= 8,
  result_orbs: ({ effort }, n) => n === effort.orbs && effort.orbs > 0 && effort.longestChain < 8,
  result_dodged: ({ effort }, n) => n === effort.dodged && effort.dodged > 0 && effort.orbs === 0,
  result_end: (round) => round.completed && round.effort.orbs === 0 && round.effort.dodged === 0,
  result_waited: (round, n) =>
    round.trace.length > 0 && n === round.effort.decoysLeft && n > wrong(round, 'decoy'),
  tip_harder: ({ difficulty, nextDifficulty: next }) => next > difficulty,
  tip_easier: ({ difficulty, nextDifficulty: next }) => next < difficulty,
  tip_top: ({ difficulty, accuracy }) => difficulty === 5 && accuracy >= 0.88,
  tip_decoys: (round) => wrong(round, 'decoy') > 0,
  tip_dodge: (round) => wrong(round, 'obstacle') > 0,
  tip_orbs: (round) => wrong(round, 'orb') > 0,
  tip_chain: ({ effort }, n) => n !== undefined && effort.longestChain < n,
};

function wrong({ stimuli: all }: Played, kind: Stimulus['kind']): number {
  return all.filter((one) => one.kind === kind && !one.right).length;
}

describe('feedback', () => {
  it('says nothing that is not true of the round', () => {
    fc.assert(
      fc.property(
        fc.record({
          answers: stimuli,
          difficulty: fc.integer({ min: 1, max: 5 }),
          completed: fc.boolean(),
          longestChain: fc.integer({ min: 0, max: 60 }),
          touched: fc.boolean(),
        }),
        (given) => {
          const answers = given.answers;
          const orbs = answers.filter((one) => one.kind === 'orb' && one.right).length;
          const round = roundWith({ ...given, longestChain: Math.min(given.longestChain, orbs) });
          const sentences = feedbackOn(round);
          expect(sentences.length).toBeGreaterThan(0);
          for (const { key, n } of sentences) {
            expect(TRUE_WHEN[key], key).toBeDefined();
            expect(TRUE_WHEN[key](round, n), `${key} (${n})`).toBe(true);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  const CASES: [string, Played, SentenceId[]][] = [
    ['a round that was left', roundWith({ completed: false }), ['result_left']],
    ['nobody touched', roundWith({ touched: false, answers: some(20, 'decoy', true) }), ['result_watched', 'tip_touch']],
    [
      'a long chain with decoys taken',
      roundWith({ answers: [...some(10, 'orb', true), ...some(4, 'decoy', false)], longestChain: 9 }),
      ['result_chain', 'tip_decoys'],
    ],
    [
      'the fastest road, nearly all right',
      roundWith({ answers: [...some(30, 'orb', true), ...some(5, 'decoy', true)], difficulty: 5, longestChain: 6 }),
      ['result_orbs', 'result_waited', 'tip_top'],
    ],
    ['nearly all right', roundWith({ answers: some(30, 'orb', true), difficulty: 4, longestChain: 30 }), ['result_chain', 'tip_harder']],
    ['too hard', roundWith({ answers: some(30, 'obstacle', false), difficulty: 2 }), ['result_end', 'tip_easier']],
    [
      'obstacles hit',
      roundWith({ answers: [...some(5, 'obstacle', false), ...some(2, 'orb', true), ...some(10, 'obstacle', true)], longestChain: 2 }),
      ['result_orbs', 'tip_dodge'],
    ],
    [
      'orbs missed, no chain yet',
      roundWith({ answers: [...some(5, 'orb', false), ...some(14, 'obstacle', true)] }),
      ['result_dodged', 'tip_chain'],
    ],
    [
      'orbs missed after a chain',
      roundWith({ answers: [...some(5, 'orb', false), ...some(14, 'orb', true)], longestChain: 7 }),
      ['result_orbs', 'tip_orbs'],
    ],
  ];
  it.each(CASES)('%s', (_, round, expected) => {
    expect(said(round)).toEqual(expected);
  });

  it('has every sentence tried above', () => {
    const tried = new Set(CASES.flatMap(([, round]) => said(round)));
    expect([...tried].sort()).toEqual(Object.keys(TRUE_WHEN).sort());
  });

  it('is written in every language', () => {
    const round = roundWith({ answers: some(1, 'orb', true), longestChain: 1, difficulty: 5 });
    expect(feedbackOf(round).en).toBe('You caught 1 light. You’re already on the fastest road. Keep playing this carefully.');
    expect(feedbackOf(round)['pt-BR']).toContain('Você pegou 1 luz.');
    expect(feedbackOf(round).es).toContain('Atrapaste 1 luz.');
  });

  it('compares no children and promises no cleverness', () => {
    const never = /\b(better|others|smart|clever|talent|melhor que|outros|intelig|mejor que|otros|list[oa]s?)\b/i;
    for (const { id } of LANGUAGES)
      for (const key of Object.keys(TRUE_WHEN) as SentenceId[])
        for (const n of [1, 2]) expect(write(id, SENTENCES[key][id], { n })).not.toMatch(never);
  });
});
