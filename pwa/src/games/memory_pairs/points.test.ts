import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import table from '../../../../neuroplay/core/game_catalogue.json';
import { idle, masher, playRound, type Hand } from '../engine/play.ts';
import { finishedRound } from '../engine/round.ts';
import { secondsOf } from '../engine/rules_measure.ts';
import { bot } from './bot.ts';
import { game } from './game.ts';
import { allKnowing, byCurve, bySpan, careless } from './learners.ts';
import type { State } from './rules_board.ts';
import { DEAL_STEPS, levelAt, LEVELS, PAIR_STEPS, SEEN_STEPS, TURN_STEPS } from './rules_levels.ts';
import { ROUND_STEPS, rules, turn, TURNING } from './rules.ts';

const { init, bound } = rules;
const places = Array.from({ length: 20 }, (_, place) => place);
const seeds = fc.integer({ min: 0, max: 0x7fffffff });
const levels = fc.integer({ min: LEVELS[0], max: LEVELS[1] });
const ALL_LEVELS = Array.from({ length: LEVELS[1] }, (_, n) => n + 1);
const { par_score: PAR, limits } = table.games.find(({ id }) => id === 'memory_pairs')!;

const play = (seed: number, level: number, hand: Hand<State>) => playRound(rules, { seed, level, hand }).state;
const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;

describe('points', () => {
  it('are nearly none for an idle child', () => {
    for (const level of ALL_LEVELS) expect(play(level, level, idle)).toMatchObject({ score: 0, total: 0, right: 0 });
  });

  it('are far fewer for a mashing child than for one who remembers little', () => {
    for (const level of [1, 4, 8, 12, 16, 20]) {
      const careful = mean([1, 2, 3, 4, 5, 6].map((seed) => play(seed, level, bySpan(2, seed)).score));
      for (const every of [1, 7, 13, 20, 31, 53]) {
        const mashed = mean([1, 2, 3, 4, 5, 6].map((seed) => play(seed, level, masher(every, places.map(turn))).score));
        expect(mashed, `every ${every} at level ${level}`).toBeLessThan(careful * 0.75);
      }
    }
  });

  it('are two to five a second for good play at any level', () => {
    for (const level of ALL_LEVELS) {
      const scores = [1, 2, 3, 4, 5, 6].map((seed) => play(seed, level, bot).score);
      expect(mean(scores)).toBeGreaterThan(2 * 120);
      expect(mean(scores)).toBeLessThan(5.2 * 120);
    }
  });

  it('reach par in a clean round at level 10', () => {
    const scores = Array.from({ length: 30 }, (_, seed) => play(seed, 10, bot).score);
    expect(mean(scores)).toBeGreaterThan(PAR * 0.9);
    expect(mean(scores)).toBeLessThan(PAR * 1.1);
  });

  it('never exceed the bound, however fast and well one plays, or how luckily', () => {
    /** Knows everything, but at times turns something else. */
    const hands = fc.tuple(fc.integer({ min: 2, max: 40 }), fc.boolean()).map(([every, slips]): Hand<State> => {
      return (state) => (slips && state.total % every === every - 1 && state.phase === TURNING ? turn(careless(state)) : allKnowing(state));
    });
    fc.assert(
      fc.property(seeds, levels, hands, fc.integer({ min: 1, max: ROUND_STEPS }), (seed, level, hand, steps) => {
        const { state } = playRound(rules, { seed, level, hand, steps });
        expect(state.score).toBeLessThanOrEqual(bound(level, secondsOf(steps)));
      }),
      { numRuns: 300 },
    );
  });

  it('come near the bound for one who knows everything', () => {
    for (const level of ALL_LEVELS) {
      for (const seed of [1, 2, 3]) expect(play(seed, level, allKnowing).score).toBeGreaterThan(bound(level, 120) * 0.9);
      expect(bound(level, 120)).toBeLessThan(120 * limits.max_points_per_second);
    }
  });

  it('cannot come before the first pair', () => {
    const first = DEAL_STEPS + levelAt(1).look + TURN_STEPS;
    expect(bound(1, secondsOf(first) - 0.1)).toBe(0);
    expect(bound(1, secondsOf(first))).toBeGreaterThan(0);
  });
});

describe('a finished round', () => {
  it('tells of each turn, with times that a human can have, even of a mashing hand', () => {
    const hands: Hand<State>[] = [bot, byCurve(() => 800, 3), ...[1, 2, 5, 9, 13, 18, 25].map((every) => masher<State>(every, places.map(turn)))];
    for (const hand of hands) {
      const { state, trace } = playRound(rules, { seed: 9, level: 6, hand });
      const round = finishedRound(game, state, trace);
      expect(round.stimuli).toHaveLength(state.total);
      expect(round.stimuli.filter(({ right }) => right)).toHaveLength(state.right);
      expect(Math.min(...round.reactionTimesMs)).toBeGreaterThanOrEqual(300);
      expect(Math.max(...round.stimuli.map(({ t, reactionMs }) => t + (reactionMs ?? 0)))).toBeLessThanOrEqual(120_000);
    }
  });

  it('has room for the turns of the fastest hand', () => {
    for (const level of ALL_LEVELS) {
      const fastest = play(level, level, (state) => (state.phase === TURNING ? turn(careless(state)) : allKnowing(state)));
      expect(fastest.total).toBeLessThanOrEqual(fastest.asked.right.length);
    }
    expect((ROUND_STEPS / (TURN_STEPS + Math.min(PAIR_STEPS, SEEN_STEPS)))).toBeLessThan(init(1, 1).asked.right.length);
  });

  it('counts boards without a wrong turn, and pairs that were remembered', () => {
    const { cleared, clean, pairs, remembered } = play(2, 8, bot);
    expect(clean).toBe(cleared);
    expect(cleared).toBeGreaterThan(1);
    expect(remembered).toBeGreaterThan(pairs / 2);
  });
});
