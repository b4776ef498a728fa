import { describe, expect, it } from 'vitest';

import { playRound, type Hand } from '../engine/play.ts';
import { byCurve, bySpan, CURVES } from './learners.ts';
import { rules, type State } from './rules.ts';

const CHILDREN = 100;
const ROUNDS = 8;
/** Rounds after which a child has come to rest. */
const SETTLING = 2;

interface Seen {
  /** By round, the share of right phrases of all children. */
  shares: number[];
  /** By round, the mean of the levels at which it started. */
  levels: number[];
}

/** Children who play round after round, each from the level that the one before gave. */
function watch(hand: (seed: number) => Hand<State>): Seen {
  const right = Array<number>(ROUNDS).fill(0);
  const total = Array<number>(ROUNDS).fill(0);
  const levels = Array<number>(ROUNDS).fill(0);
  for (let child = 1; child <= CHILDREN; child += 1) {
    let level = 1;
    for (let round = 0; round < ROUNDS; round += 1) {
      const seed = child * 100 + round;
      const { state } = playRound(rules, { seed, level, hand: hand(seed) });
      right[round]! += state.right;
      total[round]! += state.total;
      levels[round]! += level / CHILDREN;
      level = rules.next(state);
    }
  }
  return { shares: right.map((one, round) => one / total[round]!), levels };
}

const HANDS: Record<string, (seed: number) => Hand<State>> = {
  ...Object.fromEntries(Object.entries(CURVES).map(([name, curve]) => [name, (seed: number) => byCurve(curve, seed)])),
  ...Object.fromEntries([3, 4, 5, 6, 7, 8].map((span) => [`span ${span}`, (seed: number) => bySpan(span, seed)])),
};
const all = Object.entries(HANDS).map(([name, hand]) => [name, watch(hand)] as const);

describe.each(all)('a learner (%s)', (_, { shares, levels }) => {
  it('has 75 to 85 of a hundred phrases right from the third round on', () => {
    const rest = shares.slice(SETTLING);
    const mean = rest.reduce((sum, one) => sum + one, 0) / rest.length;
    expect(mean).toBeGreaterThan(0.75);
    expect(mean).toBeLessThan(0.85);
    for (const share of rest) expect(Math.abs(share - mean)).toBeLessThan(0.05);
  });

  it('comes to rest: levels neither swing nor run away', () => {
    const rest = levels.slice(SETTLING + 1);
    expect(Math.max(...rest) - Math.min(...rest)).toBeLessThan(1.5);
  });
});

describe('levels', () => {
  const at = (name: string) => all.find(([one]) => one === name)?.[1].levels.at(-1) ?? 0;

  it('are higher for a longer span', () => {
    expect(at('weak') < at('middling') && at('middling') < at('strong')).toBe(true);
    for (const span of [4, 5, 6, 7, 8]) expect(at(`span ${span}`) - at(`span ${span - 1}`)).toBeGreaterThan(1.5);
  });

  it('are 3 to 7 for a child of six with a span of 3 or 4, near 16 to 20 for an adult with 7 or 8', () => {
    expect(at('span 3')).toBeGreaterThan(3);
    expect(at('span 4')).toBeLessThan(8);
    expect(at('span 7')).toBeGreaterThan(15.5);
    expect(at('span 8')).toBeGreaterThan(17);
  });
});
