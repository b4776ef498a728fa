import { describe, expect, it } from 'vitest';

import { playRound, type Hand } from '../engine/play.ts';
import { byCurve, bySpan, CURVES } from './learners.ts';
import type { State } from './rules_board.ts';
import { rules } from './rules.ts';

const CHILDREN = 100;
const ROUNDS = 8;
/** Rounds after which a child has come to rest. */
const SETTLING = 2;

interface Seen {
  /** By round, the mean of all children. */
  shares: number[];
  levels: number[];
}

/** Children who play round after round, each from the level that the one before gave. */
function watch(hand: (seed: number) => Hand<State>): Seen {
  const seen: Seen = { shares: Array(ROUNDS).fill(0), levels: Array(ROUNDS).fill(0) };
  for (let child = 1; child <= CHILDREN; child += 1) {
    let level = 1;
    for (let round = 0; round < ROUNDS; round += 1) {
      const seed = child * 100 + round;
      const { state } = playRound(rules, { seed, level, hand: hand(seed) });
      seen.shares[round]! += state.right / state.total / CHILDREN;
      seen.levels[round]! += level / CHILDREN;
      level = rules.next(state);
    }
  }
  return seen;
}

const HANDS: Record<string, (seed: number) => Hand<State>> = {
  ...Object.fromEntries(Object.entries(CURVES).map(([name, curve]) => [name, (seed: number) => byCurve(curve, seed)])),
  ...Object.fromEntries([2, 4, 8, 16].map((span) => [`span ${span}`, (seed: number) => bySpan(span, seed)])),
};
const all = Object.entries(HANDS).map(([name, hand]) => [name, watch(hand)] as const);

describe.each(all)('a learner (%s)', (_, { shares, levels }) => {
  it('has 75 to 85 of a hundred turns right from the third round on', () => {
    const rest = shares.slice(SETTLING);
    const mean = rest.reduce((sum, one) => sum + one, 0) / rest.length;
    expect(mean).toBeGreaterThan(0.75);
    expect(mean).toBeLessThan(0.85);
    for (const share of rest) expect(Math.abs(share - mean)).toBeLessThan(0.03);
  });

  it('comes to rest: levels neither swing nor run away', () => {
    const rest = levels.slice(SETTLING);
    expect(Math.max(...rest) - Math.min(...rest)).toBeLessThan(2);
  });
});

it('puts children with a longer memory at higher levels', () => {
  const at = (name: string) => all.find(([one]) => one === name)?.[1].levels.at(-1) ?? 0;
  expect(at('weak') < at('middling') && at('middling') < at('strong')).toBe(true);
  const spans = [2, 4, 8, 16].map((span) => at(`span ${span}`));
  for (const [n, level] of spans.entries()) expect(level - (spans[n - 1] ?? 0)).toBeGreaterThan(1);
});
