import fc from 'fast-check';

import type { Played } from '../engine/game.ts';
import { answers, answersOf, feedbackContract, isEasier, isHarder, roundWith, SHARED } from '../engine/feedback_contract.ts';
import { game } from './game.ts';
import { EASIEST, HARDEST } from './rules_waves.ts';
import { SENTENCES } from './words.ts';

/** A round as the rules count it. */
function round({
  things = [],
  difficulty = 3,
  next = difficulty,
  completed = true,
  longestChain = 0,
  touched = true,
}: {
  things?: Played['stimuli'];
  difficulty?: number;
  next?: number;
  completed?: boolean;
  longestChain?: number;
  touched?: boolean;
}): Played {
  const done = (kind: string) => things.filter((one) => one.kind === kind && one.right).length;
  const right = things.filter((one) => one.right).length;
  return roundWith(game, {
    accuracy: things.length === 0 ? 0 : right / things.length,
    completed,
    difficulty,
    nextDifficulty: next,
    trace: touched ? [60, 1] : [],
    stimuli: things,
    effort: { orbs: done('orb'), dodged: done('obstacle'), waited: done('decoy'), longestChain: Math.min(longestChain, done('orb')) },
  });
}

const level = fc.integer({ min: EASIEST, max: HARDEST });
const things = fc
  .array(fc.tuple(fc.constantFrom('orb', 'obstacle', 'decoy'), fc.boolean()), { maxLength: 120 })
  .map((all) => all.flatMap(([kind, right]) => answers(1, kind, right, [1])));

feedbackContract(game, {
  sentences: SENTENCES,
  rounds: fc
    .record({ things, difficulty: level, next: level, completed: fc.boolean(), longestChain: fc.integer({ min: 0, max: 60 }), touched: fc.boolean() })
    .map(round),
  numRuns: 2_000,
  trueWhen: {
    result_chain: ({ effort }, n) => n === effort.longestChain && n >= 8,
    result_orbs: ({ effort }, n) => n === effort.orbs && n > 0 && effort.longestChain! < 8,
    result_dodged: ({ effort }, n) => n === effort.dodged && n > 0 && effort.orbs === 0,
    result_end: ({ completed, effort }) => completed && effort.orbs === 0 && effort.dodged === 0,
    result_waited: (one, n) => one.trace.length > 0 && n === one.effort.waited && n > answersOf(one, 'decoy', false),
    tip_harder: isHarder,
    tip_easier: isEasier,
    tip_top: ({ difficulty, accuracy }) => difficulty === HARDEST && accuracy >= 0.88,
    tip_decoys: (one) => answersOf(one, 'decoy', false) > 0,
    tip_dodge: (one) => answersOf(one, 'obstacle', false) > 0,
    tip_orbs: (one) => answersOf(one, 'orb', false) > 0,
    tip_chain: ({ effort }, n) => effort.longestChain! < n,
  },
  cases: [
    ['a round that was left', round({ completed: false }), [SHARED]],
    ['nobody touched', round({ touched: false, things: answers(20, 'decoy', true) }), [SHARED]],
    [
      'a long chain with decoys taken',
      round({ things: [...answers(10, 'orb', true), ...answers(4, 'decoy', false)], longestChain: 9 }),
      ['result_chain', 'tip_decoys'],
    ],
    [
      'the fastest road, nearly all right',
      round({ things: [...answers(30, 'orb', true), ...answers(5, 'decoy', true)], difficulty: HARDEST, longestChain: 6 }),
      ['result_orbs', 'result_waited', 'tip_top'],
    ],
    ['nearly all right', round({ things: answers(30, 'orb', true), difficulty: 4, next: 5, longestChain: 30 }), ['result_chain', 'tip_harder']],
    ['too hard', round({ things: answers(30, 'obstacle', false), difficulty: 2, next: 1 }), ['result_end', 'tip_easier']],
    [
      'obstacles hit',
      round({ things: [...answers(5, 'obstacle', false), ...answers(2, 'orb', true), ...answers(10, 'obstacle', true)], longestChain: 2 }),
      ['result_orbs', 'tip_dodge'],
    ],
    ['orbs missed, no chain yet', round({ things: [...answers(5, 'orb', false), ...answers(14, 'obstacle', true)] }), ['result_dodged', 'tip_chain']],
    ['orbs missed after a chain', round({ things: [...answers(5, 'orb', false), ...answers(14, 'orb', true)], longestChain: 7 }), ['result_orbs', 'tip_orbs']],
  ],
});
