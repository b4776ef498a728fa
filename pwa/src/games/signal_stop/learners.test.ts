import { describe, expect, it } from 'vitest';

import { playRound } from '../engine/play.ts';
import { handOf, hexagons, LEARNERS } from './learners.ts';
import { rules } from './rules.ts';

const CHILDREN = 60;
const ROUNDS = 6;

const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;

describe.each(Object.entries(LEARNERS))('a %s learner', (_, learner) => {
  /** By round: each child's share of hexagons left alone, and next level. */
  const rounds = Array.from({ length: ROUNDS }, () => ({ shares: [] as number[], levels: [] as number[] }));
  for (let child = 1; child <= CHILDREN; child += 1) {
    let level = 1;
    rounds.forEach(({ shares, levels }, n) => {
      const { state } = playRound(rules, { seed: child * 101 + n, level, hand: handOf(learner, child * 37 + n) });
      level = rules.next(state);
      const { right, total } = hexagons(state);
      shares.push(right / total);
      levels.push(level);
    });
  }

  it('comes to leave three of four hexagons alone within three rounds', () => {
    for (const { shares } of rounds.slice(2)) {
      expect(mean(shares)).toBeGreaterThan(0.68);
      expect(mean(shares)).toBeLessThan(0.82);
    }
  });

  it('comes to rest at the level that is the learner’s own, and stays there', () => {
    for (const { levels } of rounds.slice(2)) expect(Math.abs(mean(levels) - learner.level)).toBeLessThan(2);
    const moves = rounds.slice(3).map(({ levels }, n) => mean(levels) - mean(rounds[n + 2]?.levels ?? []));
    for (const move of moves) expect(Math.abs(move)).toBeLessThan(1);
  });

  it('hardly ever has a round with most hexagons tapped', () => {
    for (const { shares } of rounds) expect(shares.filter((share) => share < 0.5).length).toBeLessThanOrEqual(CHILDREN * 0.1);
  });

  it('has a level that stays within some levels of the own one', () => {
    for (const { levels } of rounds.slice(3)) expect(mean(levels.map((level) => Math.abs(level - learner.level)))).toBeLessThan(2.5);
  });
});

it('eases for a patient child with slow hands, who would miss most lanterns at the levels of the patient', () => {
  const slow = { level: 18, slope: 4, tapMs: 800, spreadMs: 100, overlooked: 2 };
  for (let child = 1; child <= 20; child += 1) {
    let level = 1;
    let state = rules.init(child, level);
    for (let n = 0; n < 5; n += 1) {
      ({ state } = playRound(rules, { seed: child * 101 + n, level, hand: handOf(slow, child * 37 + n) }));
      level = rules.next(state);
    }
    expect(level).toBeLessThanOrEqual(14);
    expect(state.carried / (state.total - state.waited)).toBeGreaterThan(0.6);
  }
});
