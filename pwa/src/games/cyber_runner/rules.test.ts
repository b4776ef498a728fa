import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import table from '../../../../neuroplay/core/game_catalogue.json';
import { rulesContract } from '../engine/contract.ts';
import { rounds } from '../engine/learners.ts';
import { idle, masher, playRound } from '../engine/play.ts';
import { finishedRound } from '../engine/round.ts';
import { secondsOf } from '../engine/rules_measure.ts';
import { replay, STEPS_A_SECOND } from '../engine/rules_round.ts';
import { DECOY, JUMP, LEFT, OBSTACLE, ORB, RIGHT, RIGHT_ANSWER, STUMBLE_STEPS } from './rules_run.ts';
import { EASIEST, HARDEST, MOST_THINGS, ROUND_STEPS } from './rules_waves.ts';
import { towards } from './bot.ts';
import { game } from './game.ts';
import { handOf, LEARNERS } from './learners.ts';
import { rules, type State } from './rules.ts';

const { init, step, bound } = rules;

rulesContract(game, [LEFT, RIGHT, JUMP, LEFT | JUMP, LEFT | RIGHT | JUMP]);

const seeds = fc.integer({ min: 0, max: 0x7fffffff });
const { par_score: PAR, limits } = table.games.find(({ id }) => id === 'cyber_runner')!;
const MOST_POINTS_A_SECOND = limits.max_points_per_second;
const levels = fc.integer({ min: EASIEST, max: HARDEST });

/** The input of a player who reacts after `reaction` steps and is right, but slips every
 * `slipEvery`. */
function bot(state: State, reaction: number, slipEvery = 0): number {
  const { course } = state;
  for (let i = state.next; i < course.count; i += 1) {
    const left = (course.arrival[i] ?? 0) - state.step;
    if (left > (course.lead[i] ?? 0) - reaction) return 0;
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

function play(seed: number, level: number, reaction: number, slipEvery = 0) {
  return playRound(rules, { seed, level, hand: (state) => bot(state, reaction, slipEvery) });
}

/** Steps `state` on, with `input` in the first of them. */
function advance(state: State, steps: number, input = 0): void {
  step(state, input);
  for (let n = 1; n < steps; n += 1) step(state, 0);
}

describe('the rules', () => {
  it('let a clean run from level 3 pass par, and one with a slip in five come about there', () => {
    const mean = (slips: number) => [1, 2, 3, 4, 5, 6, 7, 8].reduce((sum, seed) => sum + play(seed, 3, 30, slips).state.score, 0) / 8;
    expect(mean(0)).toBeGreaterThan(PAR * 1.2);
    expect(mean(5)).toBeGreaterThan(PAR * 0.85);
    expect(mean(5)).toBeLessThan(PAR * 1.15);
  });

  it('give nearly nothing to a child who watches, and little to one who presses without looking', () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const careful = play(seed, 3, 30, 8).state.score;
      expect(playRound(rules, { seed, level: 3, hand: idle }).state.score).toBeLessThan(30);
      for (const every of [4, 9, 17]) {
        const mashed = playRound(rules, { seed, level: 3, hand: masher(every, [LEFT, RIGHT, JUMP]) }).state.score;
        expect(mashed).toBeLessThan(careful * 0.6);
      }
    }
  });

  it('have waves with an empty road between them, each at one speed', () => {
    fc.assert(
      fc.property(seeds, levels, fc.integer({ min: 0, max: 9 }), (seed, level, slips) => {
        const { course, waves } = play(seed, level, 21, slips).state;
        let begun = 1;
        for (let i = 1; i < course.count; i += 1) {
          const gap = (course.arrival[i] ?? 0) - (course.arrival[i - 1] ?? 0);
          // What comes next cannot be seen before the last thing has passed.
          const isNew = gap > (course.lead[i] ?? 0);
          if (isNew) begun += 1;
          else expect(course.lead[i]).toBe(course.lead[i - 1]);
        }
        expect(begun).toBe(waves);
        expect(waves).toBeGreaterThanOrEqual(4);
        expect(course.count).toBeLessThanOrEqual(MOST_THINGS);
      }),
      { numRuns: 40 },
    );
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

  it('let perfect play come within ten of a hundred of the bound: it is no looser than it must be', () => {
    for (let level = EASIEST; level <= HARDEST; level += 1) {
      const best = Math.max(...Array.from({ length: 60 }, (_, seed) => play(seed, level, 5).state.score));
      expect(best).toBeGreaterThan(bound(level, rules.roundSeconds) * 0.9);
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

  it('mix orbs, obstacles and decoys in every round', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        const { course } = play(seed, level, 21).state;
        const kinds = [...course.kind].slice(0, course.count);
        for (const kind of [ORB, OBSTACLE, DECOY]) {
          expect(kinds.filter((one) => one === kind).length / kinds.length).toBeGreaterThan(0.08);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('a replay', () => {
  it('is this one, in every engine and for as long as this version of the rules lives', () => {
    const hashes = [0, 1, 3, 5, 7].map((level) => {
      const { trace } = play(20_261_123, level, 21, 7);
      return replay(rules, 20_261_123, level, trace).hash;
    });
    expect(hashes).toMatchInlineSnapshot(`
      [
        497103541,
        581388639,
        737356500,
        944206144,
        -1710114882,
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
    expect(round.stimuli).toHaveLength(state.next);
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
    const seen = (state.course.arrival[first] ?? 0) - (state.course.lead[first] ?? 0);
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
          expect(reaction).toBeLessThanOrEqual(state.course.lead[i] ?? 0);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('is no measure of how wildly a child presses', () => {
    for (const level of [0, 3, 7]) {
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

describe('the level', () => {
  it.each(Object.entries(LEARNERS))('of a %s child comes to rest near four of five right within three rounds', (_, percent) => {
    const third: number[] = [];
    const moves: number[] = [];
    for (let seed = 1; seed <= 12; seed += 1) {
      const [, , settled, ...after] = rounds(game, 6, seed, () => handOf(percent, seed));
      third.push(settled!.share);
      moves.push(...after.map(({ level, next }) => Math.abs(next - level)));
    }
    const mean = third.reduce((sum, one) => sum + one, 0) / third.length;
    expect(mean).toBeGreaterThan(0.75);
    expect(mean).toBeLessThan(0.85);
    expect(Math.max(...moves)).toBeLessThanOrEqual(2);
    expect(meanOf(moves)).toBeLessThan(0.7);
  });
});
