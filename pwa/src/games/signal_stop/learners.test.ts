import { describe, expect, it } from 'vitest';

import { playRound } from '../engine/play.ts';
import { handOf, hexagons, LEARNERS, type Learner } from './learners.ts';
import { rules } from './rules.ts';

const CHILDREN = 60;
const ROUNDS = 6;

/** The level at which a learner leaves four of five hexagons alone: the odds are 4 instead of 3. */
const restOf = ({ level, slope }: Learner) => level - (slope * Math.log(4 / 3)) / Math.log(3);

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

  it('comes to leave four of five hexagons alone within three rounds', () => {
    for (const { shares } of rounds.slice(2)) {
      expect(mean(shares)).toBeGreaterThan(0.75);
      expect(mean(shares)).toBeLessThan(0.85);
    }
  });

  it('comes to rest at the level that is the learner’s own, and stays there', () => {
    for (const { levels } of rounds.slice(2)) expect(Math.abs(mean(levels) - restOf(learner))).toBeLessThan(2);
    const moves = rounds.slice(3).map(({ levels }, n) => mean(levels) - mean(rounds[n + 2]?.levels ?? []));
    for (const move of moves) expect(Math.abs(move)).toBeLessThan(1);
  });

  it('hardly ever has a round with most hexagons tapped', () => {
    for (const { shares } of rounds) expect(shares.filter((share) => share < 0.5).length).toBeLessThanOrEqual(CHILDREN * 0.1);
  });

  it('has a level that stays within some levels of the own one', () => {
    for (const { levels } of rounds.slice(3)) expect(mean(levels.map((level) => Math.abs(level - restOf(learner))))).toBeLessThan(2.5);
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
