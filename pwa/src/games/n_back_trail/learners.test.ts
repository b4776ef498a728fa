import { describe, expect, it } from 'vitest';

import { playRound } from '../engine/play.ts';
import { handOf, LEARNERS } from './learners.ts';
import { rules } from './rules.ts';

const CHILDREN = 60;
const ROUNDS = 6;

const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;

describe.each(Object.entries(LEARNERS))('a %s learner', (_, learner) => {
  /** By round: each child's share of right answers, and next level. */
  const rounds = Array.from({ length: ROUNDS }, () => ({ shares: [] as number[], levels: [] as number[] }));
  for (let child = 1; child <= CHILDREN; child += 1) {
    let level = 1;
    rounds.forEach(({ shares, levels }, n) => {
      const { state } = playRound(rules, { seed: child * 101 + n, level, hand: handOf(learner, child * 37 + n) });
      level = rules.next(state);
      shares.push(state.right / state.total);
      levels.push(level);
    });
  }

  it('comes to four right answers of five within three rounds', () => {
    for (const { shares } of rounds.slice(2)) {
      expect(mean(shares)).toBeGreaterThan(0.75);
      expect(mean(shares)).toBeLessThan(0.85);
    }
  });

  it('comes to rest near the level that is the learner’s own, and stays there', () => {
    for (const { levels } of rounds.slice(2)) expect(Math.abs(mean(levels) - learner.level)).toBeLessThan(2);
    const moves = rounds.slice(3).map(({ levels }, n) => mean(levels) - mean(rounds[n + 2]?.levels ?? []));
    for (const move of moves) expect(Math.abs(move)).toBeLessThan(1);
  });

  it('hardly ever has a round with more than two of five answers wrong', () => {
    for (const { shares } of rounds.slice(1)) expect(shares.filter((share) => share < 0.6).length).toBeLessThanOrEqual(CHILDREN * 0.1);
  });

  it('has a level that stays within some levels of the own one', () => {
    for (const { levels } of rounds.slice(3)) expect(mean(levels.map((level) => Math.abs(level - learner.level)))).toBeLessThan(2.5);
  });
});
