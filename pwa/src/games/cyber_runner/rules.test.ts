import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import table from '../../../../neuroplay/core/game_catalogue.json';
import { rulesContract } from '../engine/contract.ts';
import { masher, playRound } from '../engine/play.ts';
import { finishedRound } from '../engine/round.ts';
import { secondsOf } from '../engine/rules_measure.ts';
import { replay, STEPS_A_SECOND } from '../engine/rules_round.ts';
import { DECOY, OBSTACLE, ORB, ROUND_STEPS } from './rules_course.ts';
import { game } from './game.ts';
import { JUMP, LEFT, RIGHT, RIGHT_ANSWER, rules, STUMBLE_STEPS, type State } from './rules.ts';
import { nextLevel } from './rules_staircase.ts';

const { init, step, bound } = rules;

rulesContract(game, [LEFT, RIGHT, JUMP, LEFT | JUMP, LEFT | RIGHT | JUMP]);

const seeds = fc.integer({ min: 0, max: 0x7fffffff });
const { par_score: PAR, limits } = table.games.find(({ id }) => id === 'cyber_runner')!;
const MOST_POINTS_A_SECOND = limits.max_points_per_second;
const levels = fc.integer({ min: 1, max: 5 });

/** The input of a player who reacts after `reaction` steps and is right, but slips every
 * `slipEvery`. */
function bot(state: State, reaction: number, slipEvery = 0): number {
  const { course } = state;
  for (let i = state.next; i < course.count; i += 1) {
    const left = (course.arrival[i] ?? 0) - state.step;
    if (left > course.lead - reaction) return 0;
    if (slipEvery && i % slipEvery === slipEvery - 1) continue;
    const mask = course.mask[i] ?? 0;
    const kind = course.kind[i];
    const inIt = (mask >> state.target) & 1;
    if (kind === ORB) return inIt ? 0 : towards(state, course.lane[i] ?? 1);
    if (!inIt) return 0;
    if (mask === 7) return left <= 16 ? JUMP : 0;
    for (const free of [1, 0, 2]) if (((mask >> free) & 1) === 0 && Math.abs(free - state.target) === 1) return towards(state, free);
    return left <= 16 ? JUMP : 0;
  }
  return 0;
}

function towards(state: State, lane: number): number {
  if (Math.abs(state.x - state.target * 256) > 0) return 0;
  return lane < state.target ? LEFT : lane > state.target ? RIGHT : 0;
}

function play(seed: number, level: number, reaction: number, slipEvery = 0) {
  return playRound(rules, { seed, level, hand: (state) => bot(state, reaction, slipEvery) });
}

/** Steps `state` on, with `input` in the first of them. */
function advance(state: State, steps: number, input = 0): void {
  step(state, input);
  for (let n = 1; n < steps; n += 1) step(state, 0);
}

describe('the rules', () => {
  it('let a clean run at difficulty 3 reach par, and no run much more', () => {
    for (const seed of [1, 2, 3, 77, 123456]) {
      const { score } = play(seed, 3, 21).state;
      expect(score).toBeGreaterThanOrEqual(PAR);
      expect(score).toBeLessThan(PAR * 1.3);
    }
  });

  it('give about par to a good hand that slips once in twenty times, at difficulty 3', () => {
    const scores = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => play(seed, 3, 30, 20).state.score);
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    expect(mean).toBeGreaterThan(PAR * 0.9);
    expect(mean).toBeLessThan(PAR * 1.15);
  });

  it('stay far below the points that the catalogue calls possible', () => {
    fc.assert(
      fc.property(seeds, levels, fc.integer({ min: 1, max: ROUND_STEPS }), (seed, level, until) => {
        const state = init(seed, level);
        while (state.step < until) step(state, bot(state, 10));
        expect(state.score).toBeLessThanOrEqual((until / STEPS_A_SECOND) * MOST_POINTS_A_SECOND);
      }),
      { numRuns: 40 },
    );
  });

  it('give no more points than their bound, however well and for however long one plays', () => {
    fc.assert(
      fc.property(seeds, levels, fc.integer({ min: 1, max: ROUND_STEPS }), (seed, level, until) => {
        const state = init(seed, level);
        while (state.step < until) step(state, bot(state, 1));
        expect(state.score).toBeLessThanOrEqual(bound(level, secondsOf(until)));
        expect(bound(level, secondsOf(until) - 0.1)).toBeLessThanOrEqual(bound(level, secondsOf(until)));
      }),
      { numRuns: 200 },
    );
  });

  it('let perfect play come within five of a hundred of the bound: it is no looser than it must be', () => {
    for (const level of [1, 2, 3, 4, 5]) {
      const best = Math.max(...Array.from({ length: 40 }, (_, seed) => play(seed, level, 5).state.score));
      expect(best).toBeGreaterThan(bound(level, rules.roundSeconds) * 0.95);
    }
    expect(bound(1, 3.2)).toBe(0);
    expect(bound(1, 3.3)).toBe(5);
  });

  it('never ask for the impossible: a clean run is right everywhere', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        const { right, total } = play(seed, level, 21).state;
        expect(right).toBe(total);
      }),
      { numRuns: 30 },
    );
  });

  it('keep a turn and a jump that come together, and do both', () => {
    const state = init(1, 1);
    advance(state, 3, LEFT);
    advance(state, 2, RIGHT);
    advance(state, 20, JUMP);
    expect(state.target).toBe(1);
    expect(state.jump).toBeGreaterThan(0);
  });

  it('end the chain and make Neo stumble for half a second at an obstacle', () => {
    const state = init(3, 3);
    let before = 0;
    while (state.stumble === 0) {
      before = state.chain;
      step(state, state.course.kind[state.next] === ORB ? bot(state, 21) : 0);
    }
    expect(before).toBeGreaterThan(0);
    expect(state.chain).toBe(0);
    expect(state.stumble).toBe(STUMBLE_STEPS);
    expect(STUMBLE_STEPS / STEPS_A_SECOND).toBe(0.5);
  });

  it('cost a slip its answer, never the run', () => {
    const { state } = play(5, 3, 21, 5);
    const { right, total, done } = state;
    expect(done).toBe(true);
    expect(right).toBeLessThan(total);
    expect(right / total).toBeGreaterThan(0.6);
  });

  it('mix orbs, obstacles and decoys in every course', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        const { course } = init(seed, level);
        const kinds = [...course.kind];
        for (const kind of [ORB, OBSTACLE, DECOY]) {
          expect(kinds.filter((one) => one === kind).length / kinds.length).toBeGreaterThan(0.12);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('a replay', () => {
  it('is this one, in every engine and for as long as this version of the rules lives', () => {
    const hashes = [1, 2, 3, 4, 5].map((level) => {
      const { trace } = play(20_261_123, level, 21, 7);
      return replay(rules, 20_261_123, level, trace).hash;
    });
    expect(hashes).toMatchInlineSnapshot(`
      [
        -1857106810,
        -2011247055,
        819095523,
        471822921,
        1794237784,
      ]
    `);
  });
});

describe('a finished round', () => {
  it('tells of each stimulus, with reaction times that a human can have', () => {
    const { state, trace } = play(9, 3, 21);
    const round = finishedRound(game, state, trace);
    expect(round.accuracy).toBe(1);
    expect(round.durationS).toBe(120);
    expect(round.stimuli).toHaveLength(state.course.count);
    expect(round.reactionTimesMs.length).toBeGreaterThan(20);
    expect(Math.min(...round.reactionTimesMs)).toBeGreaterThan(0);
    expect(JSON.stringify(round.trace).length).toBeLessThan(8_000);
  });
});

/** Reaction times of a player who presses without looking. */
function mashed(seed: number, level: number, every: number, keys: readonly number[]): number[] {
  const { state, trace } = playRound(rules, { seed, level, hand: masher(every, keys) });
  return finishedRound(game, state, trace).reactionTimesMs;
}

const HUMAN_MS = 120;
const meanOf = (times: readonly number[]) => times.reduce((sum, one) => sum + one, 0) / times.length;

describe('an answer time', () => {
  it('is that of the press that made the answer right', () => {
    const state = init(1, 1);
    // The first lantern that lies beside Neo.
    const first = state.course.lane.findIndex((lane) => lane !== 1);
    const seen = (state.course.arrival[first] ?? 0) - state.course.lead;
    while (state.step < seen + 29) step(state, 0);
    const towardsIt = state.course.lane[first] === 0 ? LEFT : RIGHT;
    step(state, towardsIt === LEFT ? RIGHT : LEFT);
    advance(state, 20);
    expect(state.reaction[first]).toBe(-1);
    advance(state, 10, towardsIt);
    step(state, towardsIt);
    const pressed = state.step;
    while (state.next <= first) step(state, 0);
    expect(state.answer[first]).toBe(RIGHT_ANSWER);
    expect(state.reaction[first]).toBe(pressed - seen);
  });

  it('is there for right answers alone that a press brought about', () => {
    fc.assert(
      fc.property(seeds, levels, fc.integer({ min: 1, max: 60 }), (seed, level, every) => {
        const state = init(seed, level);
        for (let n = 0; !state.done; n += 1) step(state, n % every === 0 ? 1 << ((n / every) % 3) : 0);
        state.reaction.forEach((reaction, i) => {
          if (reaction < 0) return;
          expect(state.answer[i]).toBe(RIGHT_ANSWER);
          expect(state.asks[i]).toBe(1);
          expect(reaction).toBeLessThanOrEqual(state.course.lead);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('is no measure of how wildly a child presses', () => {
    for (const level of [1, 2, 3, 4, 5]) {
      for (let seed = 1; seed <= 12; seed += 1) {
        for (const every of [1, 2, 3, 5, 8, 13]) {
          for (const keys of [[LEFT, RIGHT], [JUMP], [LEFT, RIGHT, JUMP], [LEFT | RIGHT | JUMP], [LEFT, LEFT, RIGHT, RIGHT]]) {
            const times = mashed(seed, level, every, keys);
            if (times.length >= 20) expect(meanOf(times)).toBeGreaterThan(HUMAN_MS * 2);
          }
        }
      }
    }
  });

  it('of a hand that looks first is about as long as it looked', () => {
    const { state, trace } = play(9, 3, 30);
    const times = finishedRound(game, state, trace).reactionTimesMs;
    expect(times.length).toBeGreaterThan(40);
    expect(meanOf(times)).toBeGreaterThanOrEqual(500);
    expect(meanOf(times)).toBeLessThan(1500);
  });
});

describe('the staircase', () => {
  it('goes up, stays and goes down around four of five', () => {
    expect(nextLevel(3, 95, 100, true)).toBe(4);
    expect(nextLevel(3, 80, 100, true)).toBe(3);
    expect(nextLevel(3, 60, 100, true)).toBe(2);
    expect(nextLevel(5, 100, 100, true)).toBe(5);
    expect(nextLevel(1, 0, 100, true)).toBe(1);
  });

  it('moves one level at most, within the levels', () => {
    fc.assert(
      fc.property(levels, fc.integer({ min: 0, max: 160 }), fc.integer({ min: 0, max: 160 }), fc.boolean(), (level, a, b, completed) => {
        const next = nextLevel(level, Math.min(a, b), Math.max(a, b), completed);
        expect(Math.abs(next - level)).toBeLessThanOrEqual(1);
        expect(next).toBeGreaterThanOrEqual(1);
        expect(next).toBeLessThanOrEqual(5);
      }),
    );
  });

  it('holds a child who learns like most near four right answers of five', () => {
    // Share of right answers by difficulty, for a steady player.
    const share = [0, 0.95, 0.91, 0.86, 0.78, 0.66];
    let level = 1;
    const seen: number[] = [];
    for (let round = 0; round < 40; round += 1) {
      if (round >= 10) seen.push(share[level] ?? 0);
      level = nextLevel(level, Math.round((share[level] ?? 0) * 120), 120, true);
    }
    const mean = seen.reduce((sum, one) => sum + one, 0) / seen.length;
    expect(mean).toBeGreaterThan(0.74);
    expect(mean).toBeLessThan(0.88);
  });

  it('never goes up after a round that was left', () => {
    expect(nextLevel(3, 100, 100, false)).toBe(3);
  });
});
