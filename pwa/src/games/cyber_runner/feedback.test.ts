import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LANGUAGES, write } from '../../i18n/text.ts';
import type { Played } from '../engine/game.ts';
import { feedbackOn } from '../engine/round.ts';
import { game } from './game.ts';
import { EASIEST, HARDEST } from './rules_waves.ts';
import { SENTENCES } from './words.ts';

type SentenceId = keyof typeof SENTENCES;

const kinds = fc.constantFrom<string>('orb', 'obstacle', 'decoy');
const stimuli = fc.array(fc.record({ kind: kinds, right: fc.boolean() }), { maxLength: 120 });

/** A round as the rules count it. */
function roundWith(given: {
  answers?: readonly { kind: string; right: boolean }[];
  difficulty?: number;
  next?: number;
  completed?: boolean;
  longestChain?: number;
  touched?: boolean;
}): Played {
  const { answers = [], difficulty = 3, next = difficulty, completed = true, longestChain = 0, touched = true } = given;
  const done = (kind: string) => answers.filter((one) => one.kind === kind && one.right).length;
  const right = answers.filter((one) => one.right).length;
  return {
    score: 0,
    durationS: 120,
    accuracy: answers.length === 0 ? 0 : right / answers.length,
    completed,
    difficulty,
    nextDifficulty: next,
    stepReason: '',
    seed: 1,
    trace: touched ? [60, 1] : [],
    reactionTimesMs: [],
    stimuli: answers.map(({ kind, right: isRight }, i) => ({ t: i * 1000, kind, right: isRight, reactionMs: null, data: [1] })),
    effort: { orbs: done('orb'), dodged: done('obstacle'), waited: done('decoy'), longestChain },
    gameVersion: '1',
  };
}

const some = (count: number, kind: string, right: boolean) => Array.from({ length: count }, () => ({ kind, right }));
/** What the game says, by name; `shared` for the sentences of all games. */
const keyed = (round: Played) =>
  feedbackOn(game, round).map(({ sentence, n }) => ({
    key: (Object.entries(SENTENCES).find(([, one]) => one === sentence)?.[0] ?? 'shared') as SentenceId | 'shared',
    n,
  }));
const said = (round: Played) => keyed(round).map(({ key }) => key);

/** When each sentence may appear; one that is not listed is never used. */
const TRUE_WHEN: Record<SentenceId | 'shared', (round: Played, n: number | undefined) => boolean> = {
  shared: (round) => !round.completed || round.trace.length === 0,
  result_chain: ({ effort }, n) => n === effort.longestChain && effort.longestChain! >= 8,
  result_orbs: ({ effort }, n) => n === effort.orbs && effort.orbs! > 0 && effort.longestChain! < 8,
  result_dodged: ({ effort }, n) => n === effort.dodged && effort.dodged! > 0 && effort.orbs === 0,
  result_end: (round) => round.completed && round.effort.orbs === 0 && round.effort.dodged === 0,
  result_waited: (round, n) =>
    round.trace.length > 0 && n === round.effort.waited && n! > wrong(round, 'decoy'),
  tip_harder: ({ difficulty, nextDifficulty: next }) => next > difficulty,
  tip_easier: ({ difficulty, nextDifficulty: next }) => next < difficulty,
  tip_top: ({ difficulty, accuracy }) => difficulty === HARDEST && accuracy >= 0.88,
  tip_decoys: (round) => wrong(round, 'decoy') > 0,
  tip_dodge: (round) => wrong(round, 'obstacle') > 0,
  tip_orbs: (round) => wrong(round, 'orb') > 0,
  tip_chain: ({ effort }, n) => n !== undefined && effort.longestChain! < n,
};

function wrong({ stimuli: all }: Played, kind: string): number {
  return all.filter((one) => one.kind === kind && !one.right).length;
}

describe('feedback', () => {
  it('says nothing that is not true of the round', () => {
    fc.assert(
      fc.property(
        fc.record({
          answers: stimuli,
          difficulty: fc.integer({ min: EASIEST, max: HARDEST }),
          next: fc.integer({ min: EASIEST, max: HARDEST }),
          completed: fc.boolean(),
          longestChain: fc.integer({ min: 0, max: 60 }),
          touched: fc.boolean(),
        }),
        (given) => {
          const answers = given.answers;
          const orbs = answers.filter((one) => one.kind === 'orb' && one.right).length;
          const round = roundWith({ ...given, longestChain: Math.min(given.longestChain, orbs) });
          const sentences = keyed(round);
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

  const CASES: [string, Played, (SentenceId | 'shared')[]][] = [
    ['a round that was left', roundWith({ completed: false }), ['shared']],
    ['nobody touched', roundWith({ touched: false, answers: some(20, 'decoy', true) }), ['shared']],
    [
      'a long chain with decoys taken',
      roundWith({ answers: [...some(10, 'orb', true), ...some(4, 'decoy', false)], longestChain: 9 }),
      ['result_chain', 'tip_decoys'],
    ],
    [
      'the fastest road, nearly all right',
      roundWith({ answers: [...some(30, 'orb', true), ...some(5, 'decoy', true)], difficulty: HARDEST, longestChain: 6 }),
      ['result_orbs', 'result_waited', 'tip_top'],
    ],
    ['nearly all right', roundWith({ answers: some(30, 'orb', true), difficulty: 4, next: 5, longestChain: 30 }), ['result_chain', 'tip_harder']],
    ['too hard', roundWith({ answers: some(30, 'obstacle', false), difficulty: 2, next: 1 }), ['result_end', 'tip_easier']],
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

  it('compares no children and promises no cleverness', () => {
    const never = /\b(better|others|smart|clever|talent|melhor que|outros|intelig|mejor que|otros|list[oa]s?)\b/i;
    for (const { id } of LANGUAGES)
      for (const key of Object.keys(SENTENCES) as SentenceId[])
        for (const n of [1, 2]) expect(write(id, SENTENCES[key][id], { n })).not.toMatch(never);
  });
});
