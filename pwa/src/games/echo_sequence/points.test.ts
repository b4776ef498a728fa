import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import table from '../../../../neuroplay/core/game_catalogue.json';
import { idle, masher, playRound, type Hand } from '../engine/play.ts';
import { secondsOf } from '../engine/rules_measure.ts';
import { bot } from './bot.ts';
import { byCurve, fastest, wrong } from './learners.ts';
import { HAND_OVER_STEPS, levelAt, LEVELS, READY_STEPS } from './rules_levels.ts';
import { DRUMS, ECHOING, ROUND_STEPS, rules, SLIP_POINTS, tapOf, type State } from './rules.ts';

const { bound } = rules;
const seeds = fc.integer({ min: 0, max: 0x7fffffff });
const levels = fc.integer({ min: LEVELS[0], max: LEVELS[1] });
const ALL_LEVELS = Array.from({ length: LEVELS[1] }, (_, n) => n + 1);
const { par_score: PAR, limits } = table.games.find(({ id }) => id === 'echo_sequence')!;

const play = (seed: number, level: number, hand: Hand<State>) => playRound(rules, { seed, level, hand }).state;
const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;

/** As fast as can be, and at some phrases wrong: `slips` are bits. */
const slippingAt = (slips: number): Hand<State> => (state) =>
  state.phase === ECHOING && (slips >> ((state.phrases - 1) % 31)) & 1 ? tapOf(wrong(state)) : fastest(state);

describe('points', () => {
  it('are none for an idle child', () => {
    for (const level of ALL_LEVELS) expect(play(level, level, idle)).toMatchObject({ score: 0, total: 0, right: 0 });
  });

  it('are far fewer for a mashing child than for a careful one', () => {
    for (const level of [1, 4, 8, 12, 16, 20]) {
      const careful = mean([1, 2, 3, 4, 5, 6].map((seed) => play(seed, level, byCurve(() => 750, seed)).score));
      for (const every of [1, 7, 13, 20, 31, 53]) {
        const mashed = mean([1, 2, 3, 4, 5, 6].map((seed) => play(seed, level, masher(every, DRUMS)).score));
        expect(mashed, `every ${every} at level ${level}`).toBeLessThan(careful * 0.3);
      }
    }
  });

  it('are two to five a second for good play at any level', () => {
    for (const level of ALL_LEVELS) {
      const score = mean([1, 2, 3, 4, 5, 6].map((seed) => play(seed, level, bot).score));
      expect(score, `level ${level}`).toBeGreaterThan(2 * 120);
      expect(score, `level ${level}`).toBeLessThan(5 * 120);
    }
  });

  it('reach par in a clean round at level 10', () => {
    const score = mean(Array.from({ length: 10 }, (_, seed) => play(seed, 10, bot).score));
    expect(score).toBeGreaterThan(PAR);
    expect(score).toBeLessThan(PAR * 1.15);
  });

  it('never exceed the bound, however one plays', () => {
    fc.assert(
      fc.property(seeds, levels, fc.integer(), fc.integer({ min: 1, max: ROUND_STEPS }), (seed, level, slips, steps) => {
        const { state } = playRound(rules, { seed, level, hand: slippingAt(slips), steps });
        expect(state.score).toBeLessThanOrEqual(bound(level, secondsOf(steps)));
      }),
      { numRuns: 200 },
    );
  });

  it('do not exceed it after one or two slips at any phrases, at any second', () => {
    for (const level of ALL_LEVELS) {
      for (let first = 0; first < 14; first += 3) {
        for (let second = first; second < 14; second += 2) {
          const state = rules.init(1, level);
          const hand = slippingAt((1 << first) | (1 << second));
          let before = 0;
          while (!state.done) {
            rules.step(state, hand(state));
            if (state.score === before) continue;
            before = state.score;
            expect(state.score).toBeLessThanOrEqual(bound(level, secondsOf(state.step)));
          }
        }
      }
    }
  });

  it('come within one slip of the bound for the fastest hand', () => {
    for (const level of ALL_LEVELS) {
      for (const seed of [1, 2]) expect(play(seed, level, fastest).score).toBe(bound(level, 120) - SLIP_POINTS);
      expect(bound(level, 120)).toBeLessThan(120 * limits.max_points_per_second);
    }
  });

  it('cannot come before the first phrase is over', () => {
    const { span, beat } = levelAt(1);
    const first = READY_STEPS + span * beat + HAND_OVER_STEPS + span - 1;
    expect(bound(1, secondsOf(first) - 0.1)).toBe(0);
    expect(bound(1, secondsOf(first))).toBeGreaterThan(0);
  });
});
