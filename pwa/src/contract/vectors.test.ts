import { describe, expect, it } from 'vitest';

import { ALPHABET } from '../app/card.ts';
import { lanternsIn } from '../app/difficulty.ts';
import { levelOf, ratingOf, xpAt, xpOf } from '../app/progress.ts';
import { game } from '../games/cyber_runner/game.ts';
import { nextLevel } from '../games/cyber_runner/rules_staircase.ts';
import { SENTENCES as TIPS } from '../games/cyber_runner/words.ts';
import { feedbackOn } from '../games/engine/round.ts';
import { SENTENCES } from '../games/engine/words.ts';
import { colourOf } from '../ui/art/Avatar.tsx';
import vectors from './vectors.json';

/** What a child hears of the step; a round that keeps its difficulty gets a tip about itself. */
const SENTENCE: Record<string, object> = { harder: TIPS.tip_harder, easier: TIPS.tip_easier, unfinished: SENTENCES.left };

describe('what the tablet and the server both compute', () => {
  it.each(vectors.levels)('level of $xp XP', ({ xp, level, next_at }) => {
    expect([levelOf(xp), xpAt(level + 1)]).toEqual([level, next_at]);
  });

  it.each(vectors.colours)('the colour of student $student', ({ student, colour }) => {
    expect(colourOf(student)).toBe(colour);
  });

  it.each(vectors.rounds)('$score points, accuracy $accuracy, completed $completed', (round) => {
    expect(ratingOf(round.accuracy, round.completed)).toBe(round.rating);
    expect(xpOf(round)).toBe(round.xp);
  });

  it.each(vectors.lanterns)('$lanterns lanterns at level $level of $levels', ({ levels, level, lanterns }) => {
    expect(lanternsIn(levels as [number, number], level)).toBe(lanterns);
  });

  it.each(vectors.staircase)('$right of $total at $difficulty, completed $completed', (row) => {
    const next = nextLevel(row.difficulty, row.right, row.total, row.completed);
    expect(next).toBe(row.next);
    const said = feedbackOn(game, {
      score: 0,
      durationS: 120,
      accuracy: row.total === 0 ? 0 : row.right / row.total,
      completed: row.completed,
      difficulty: row.difficulty,
      nextDifficulty: next,
      stepReason: '',
      seed: 1,
      trace: [60, 1],
      reactionTimesMs: [],
      stimuli: [],
      effort: { orbs: row.right, dodged: 0, waited: 0, longestChain: 0 },
      gameVersion: '1',
    }).map(({ sentence }): object => sentence);
    const expected = SENTENCE[row.step];
    expect(said.filter((one) => Object.values(SENTENCE).includes(one))).toEqual(expected ? [expected] : []);
  });

  it('reads the codes that the server writes', () => {
    expect(ALPHABET).toBe(vectors.alphabet);
  });
});
