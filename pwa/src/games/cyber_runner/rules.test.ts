import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import table from '../../../../neuroplay/core/game_catalogue.json';
import { bot, play } from './players.ts';
import { verified } from './rules_verified.ts';
import { roundOf, TraceRecorder } from './round.ts';
import { DECOY, OBSTACLE, ORB, ROUND_STEPS, STEPS_A_SECOND } from './rules_course.ts';
import { bound, init, JUMP, LEFT, replay, result, RIGHT, RIGHT_ANSWER, ROUND_SECONDS, step, STOP, STUMBLE_STEPS, type State } from './rules.ts';
import { secondsOf } from './rules_measure.ts';
import { nextDifficulty } from './staircase.ts';

const seeds = fc.integer({ min: 0, max: 0x7fffffff });
const { par_score: PAR, limits } = table.games.find(({ id }) => id === 'cyber_runner')!;
const MOST_POINTS_A_SECOND = limits.max_points_per_second;
const levels = fc.integer({ min: 1, max: 5 });

/** A noisy player who leaves at step `until`. */
function leave(seed: number, difficulty: number, until: number) {
  const state = init(seed, difficulty);
  const recorder = new TraceRecorder();
  while (state.step < until) {
    const input = (Math.imul(state.step + seed, 0x9e3779b1) >>> 27) === 0 ? 1 << (state.step % 3) : 0;
    recorder.note(state.step + 1, input);
    step(state, input);
  }
  return { state, trace: recorder.trace };
}

/** Steps `state` on, with `input` in the first of them. */
function advance(state: State, steps: number, input = 0): void {
  step(state, input);
  for (let n = 1; n < steps; n += 1) step(state, 0);
}

describe('the rules', () => {
  it('always end at the same step, with a score and answers that can be', () => {
    fc.assert(
      fc.property(seeds, levels, fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 400 }), (seed, level, inputs) => {
        const state = init(seed, level);
        for (let n = 0; !state.done; n += 1) {
          step(state, n % 9 === 0 ? (inputs[(n / 9) % (inputs.length || 1) | 0] ?? 0) : 0);
          expect(state.score).toBeGreaterThanOrEqual(0);
          expect(state.x).toBeGreaterThanOrEqual(0);
          expect(state.x).toBeLessThanOrEqual(512);
        }
        const { steps, right, total } = result(state);
        expect(steps).toBe(ROUND_STEPS);
        expect(total).toBe(state.course.count);
        expect(right).toBeLessThanOrEqual(total);
      }),
      { numRuns: 25 },
    );
  });

  it('give the same round for the same seed, difficulty and inputs', () => {
    fc.assert(
      fc.property(seeds, levels, fc.integer({ min: 10, max: 60 }), fc.integer({ min: 0, max: 9 }), (seed, level, reaction, slips) => {
        const { state, trace } = play(seed, level, reaction, slips);
        expect(replay(seed, level, trace)).toEqual(result(state));
      }),
      { numRuns: 40 },
    );
  });

  it('survive any trace', () => {
    fc.assert(
      fc.property(seeds, levels, fc.array(fc.integer(), { maxLength: 60 }), (seed, level, trace) => {
        const { steps, completed } = replay(seed, level, trace);
        expect(steps).toBeLessThanOrEqual(ROUND_STEPS);
        // Only STOP ends it early.
        expect(completed).toBe(steps === ROUND_STEPS);
        expect(completed || trace.some((word) => (word & STOP) !== 0)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('let a clean run at difficulty 3 reach par, and no run much more', () => {
    for (const seed of [1, 2, 3, 77, 123456]) {
      const { score } = result(play(seed, 3, 21).state);
      expect(score).toBeGreaterThanOrEqual(PAR);
      expect(score).toBeLessThan(PAR * 1.3);
    }
  });

  it('give about par to a good hand that slips once in twenty times, at difficulty 3', () => {
    const scores = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => result(play(seed, 3, 30, 20).state).score);
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
      const best = Math.max(...Array.from({ length: 40 }, (_, seed) => result(play(seed, level, 5).state).score));
      expect(best).toBeGreaterThan(bound(level, ROUND_SECONDS) * 0.95);
    }
    expect(bound(1, 3.2)).toBe(0);
    expect(bound(1, 3.3)).toBe(5);
  });

  it('never ask for the impossible: a clean run is right everywhere', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        const { right, total } = result(play(seed, level, 21).state);
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
    const { right, total, completed } = result(state);
    expect(completed).toBe(true);
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
  it('gives what the session of a whole round says', () => {
    fc.assert(
      fc.property(seeds, levels, fc.integer({ min: 0, max: 9 }), (seed, level, slips) => {
        const { state, trace } = play(seed, level, 21, slips);
        const { score, accuracy, durationS, completed } = roundOf(state, trace);
        expect(verified.replay(seed, level, trace)).toMatchObject({
          score,
          accuracy,
          duration: durationS,
          completed,
          hash: state.hash,
        });
      }),
      { numRuns: 20 },
    );
  });

  it('gives what the session of a round that was left says', () => {
    fc.assert(
      fc.property(seeds, levels, fc.integer({ min: 0, max: ROUND_STEPS - 1 }), (seed, level, until) => {
        const { state, trace } = leave(seed, level, until);
        const round = roundOf(state, trace);
        expect(verified.replay(seed, level, round.trace)).toMatchObject({
          score: round.score,
          accuracy: round.accuracy,
          duration: round.durationS,
          completed: false,
          hash: state.hash,
        });
      }),
      { numRuns: 40 },
    );
  });

  it('is this one, in every engine and for as long as this version of the rules lives', () => {
    const hashes = [1, 2, 3, 4, 5].map((level) => {
      const { trace } = play(20_261_123, level, 21, 7);
      return verified.replay(20_261_123, level, trace).hash;
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
    const round = roundOf(state, trace);
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
  const state = init(seed, level);
  const recorder = new TraceRecorder();
  for (let n = 0; !state.done; n += 1) {
    const input = n % every === 0 ? (keys[(n / every) % keys.length] ?? 0) : 0;
    recorder.note(state.step + 1, input);
    step(state, input);
  }
  return roundOf(state, recorder.trace).reactionTimesMs;
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
    const times = roundOf(state, trace).reactionTimesMs;
    expect(times.length).toBeGreaterThan(40);
    expect(meanOf(times)).toBeGreaterThanOrEqual(500);
    expect(meanOf(times)).toBeLessThan(1500);
  });
});

describe('the staircase', () => {
  it('goes up, stays and goes down around four of five', () => {
    expect(nextDifficulty(3, 95, 100, true).next).toBe(4);
    expect(nextDifficulty(3, 80, 100, true).next).toBe(3);
    expect(nextDifficulty(3, 60, 100, true).next).toBe(2);
    expect(nextDifficulty(5, 100, 100, true).next).toBe(5);
    expect(nextDifficulty(1, 0, 100, true).next).toBe(1);
  });

  it('says what it does: up, down or stay, as the next difficulty is', () => {
    fc.assert(
      fc.property(levels, fc.integer({ min: 0, max: 160 }), fc.integer({ min: 0, max: 160 }), fc.boolean(), (level, a, b, completed) => {
        const { next, reason } = nextDifficulty(level, Math.min(a, b), Math.max(a, b), completed);
        expect(reason.split(':')[0]).toBe(next > level ? 'up' : next < level ? 'down' : 'stay');
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
      level = nextDifficulty(level, Math.round((share[level] ?? 0) * 120), 120, true).next;
    }
    const mean = seen.reduce((sum, one) => sum + one, 0) / seen.length;
    expect(mean).toBeGreaterThan(0.74);
    expect(mean).toBeLessThan(0.88);
  });

  it('never goes up after a round that was left', () => {
    expect(nextDifficulty(3, 100, 100, false).next).toBe(3);
  });
});
