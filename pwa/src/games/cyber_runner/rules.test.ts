import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { roundOf, TraceRecorder } from './round.ts';
import { DECOY, OBSTACLE, ORB, ROUND_STEPS } from './rules_course.ts';
import { init, JUMP, LEFT, replay, result, RIGHT, step, type State } from './rules.ts';
import { nextDifficulty } from './staircase.ts';

const seeds = fc.integer({ min: 0, max: 0x7fffffff });
const levels = fc.integer({ min: 1, max: 5 });

/** Plays like somebody who looks `reaction` steps, then does the right thing; slips now and then. */
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

function play(seed: number, difficulty: number, reaction: number, slipEvery = 0) {
  const state = init(seed, difficulty);
  const recorder = new TraceRecorder();
  while (!state.done) {
    const input = bot(state, reaction, slipEvery);
    recorder.note(state.step + 1, input);
    step(state, input);
  }
  return { state, trace: recorder.trace };
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
        expect(replay(seed, level, trace).steps).toBe(ROUND_STEPS);
      }),
      { numRuns: 25 },
    );
  });

  it('let a clean run at difficulty 3 reach par, and no run much more', () => {
    for (const seed of [1, 2, 3, 77, 123456]) {
      const { score } = result(play(seed, 3, 21).state);
      expect(score).toBeGreaterThanOrEqual(500);
      expect(score).toBeLessThan(620);
    }
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

describe('the staircase', () => {
  it('goes up, stays and goes down around four of five', () => {
    expect(nextDifficulty(3, 95, 100, true).next).toBe(4);
    expect(nextDifficulty(3, 80, 100, true).next).toBe(3);
    expect(nextDifficulty(3, 60, 100, true).next).toBe(2);
    expect(nextDifficulty(5, 100, 100, true).next).toBe(5);
    expect(nextDifficulty(1, 0, 100, true).next).toBe(1);
  });

  it('never goes up after a round that was left', () => {
    expect(nextDifficulty(3, 100, 100, false).next).toBe(3);
  });
});
