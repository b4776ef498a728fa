import { describe, expect, it } from 'vitest';

import { ALPHABET } from '../app/card.ts';
import { levelOf, ratingOf, xpAt, xpOf } from '../app/progress.ts';
import { feedbackOn } from '../games/cyber_runner/feedback.ts';
import { nextDifficulty } from '../games/cyber_runner/staircase.ts';
import vectors from './vectors.json';

/** What a child hears of the step; a round that keeps its difficulty gets a tip about itself. */
const SENTENCE: Record<string, string> = { harder: 'tip_harder', easier: 'tip_easier', unfinished: 'result_left' };

describe('what the tablet and the server both compute', () => {
  it.each(vectors.levels)('level of $xp XP', ({ xp, level, next_at }) => {
    expect([levelOf(xp), xpAt(level + 1)]).toEqual([level, next_at]);
  });

  it.each(vectors.rounds)('$score points, accuracy $accuracy, completed $completed', (round) => {
    expect(ratingOf(round.accuracy, round.completed)).toBe(round.rating);
    expect(xpOf(round)).toBe(round.xp);
  });

  it.each(vectors.staircase)('$right of $total at $difficulty, completed $completed', (row) => {
    const { next, reason } = nextDifficulty(row.difficulty, row.right, row.total, row.completed);
    expect(next).toBe(row.next);
    const said = feedbackOn({
      score: 0,
      durationS: 120,
      accuracy: row.total === 0 ? 0 : row.right / row.total,
      completed: row.completed,
      difficulty: row.difficulty,
      nextDifficulty: next,
      stepReason: reason,
      seed: 1,
      trace: [60, 1],
      reactionTimesMs: [],
      stimuli: [],
      effort: { orbs: row.right, dodged: 0, decoysLeft: 0, longestChain: 0 },
      gameVersion: '1',
    }).map(({ key }) => key);
    const expected = SENTENCE[row.step];
    expect(said.filter((key) => Object.values(SENTENCE).includes(key))).toEqual(expected ? [expected] : []);
  });

  it('reads the codes that the server writes', () => {
    expect(ALPHABET).toBe(vectors.alphabet);
  });
});
