import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import table from '../../../../neuroplay/core/game_catalogue.json';
import { rulesContract } from '../engine/contract.ts';
import { idle, masher, playRound, type Hand } from '../engine/play.ts';
import { EARLIEST, PRESS } from '../engine/rules_press.ts';
import { game } from './game.ts';
import { drawInterval, drawKind, GO, MOST_LANTERNS, newCourse, startOf, STOP_SIGN, WAVE_STEPS, WAVES, windowOf } from './rules_course.ts';
import { bot, LEVELS, rules, type State } from './rules.ts';

const seeds = fc.integer({ min: 0, max: 0x7fffffff });
const levels = fc.integer({ min: LEVELS[0], max: LEVELS[1] });
const [EASIEST, HARDEST] = LEVELS;
const EVERY_LEVEL = Array.from({ length: HARDEST }, (_, n) => n + 1);

/** As fast as a press can count. */
const quickest: Hand<State> = (state) => (state.open && state.kind === GO && state.step + 1 - state.appeared >= EARLIEST ? PRESS : 0);
/** Taps for whatever shines, without looking. */
const always: Hand<State> = (state) => (state.open && state.step + 1 - state.appeared >= 20 ? PRESS : 0);

const play = (seed: number, level: number, hand: Hand<State>) => playRound(rules, { seed, level, hand }).state;

/** Steps on without a press until a lantern of this kind shines. */
function until(kind: number, state: State, hand: Hand<State> = bot): State {
  while (!(state.open && state.kind === kind && state.step === state.appeared) && !state.done) rules.step(state, hand(state));
  return state;
}

function wait(state: State, steps: number): void {
  for (let n = 0; n < steps; n += 1) rules.step(state, 0);
}

rulesContract(game, [PRESS]);

describe('a lantern', () => {
  it('that is round is carried by a press in its window', () => {
    const state = until(GO, rules.init(3, 1));
    wait(state, 30);
    rules.step(state, PRESS);
    expect(state).toMatchObject({ carried: 1, right: 1, total: 1, chain: 1, score: 3, open: false });
    expect(game.stimuli(state)).toEqual([{ t: 1000, kind: 'go', right: true, reactionMs: 517, data: [1] }]);
  });

  it('that is round goes out after its window, and the chain ends', () => {
    const state = until(GO, rules.init(3, 5));
    wait(state, windowOf(5));
    expect(state).toMatchObject({ carried: 0, right: 0, total: 1, open: false });
    expect(game.stimuli(state)[0]).toMatchObject({ right: false, reactionMs: null });
  });

  it('with corners is left alone by waiting, which is worth more than a lantern carried', () => {
    const state = until(STOP_SIGN, rules.init(3, 1));
    const { score, right } = state;
    wait(state, windowOf(1));
    expect(state).toMatchObject({ waited: 1, right: right + 1 });
    expect(state.score - score).toBeGreaterThan(5);
    expect(game.effort(state).waited).toBe(1);
  });

  it('with corners that is tapped is wrong, ends the chain and makes the next ones easier', () => {
    const state = until(STOP_SIGN, rules.init(3, 10));
    const { score, right, chain } = state;
    expect(chain).toBeGreaterThan(1);
    wait(state, 20);
    rules.step(state, PRESS);
    expect(state).toMatchObject({ score, right, chain: 0, waited: 0 });
    rules.step(until(GO, state), 0);
    expect(state.lit).toBeLessThan(10);
  });

  it('is not answered by a press within a tenth of a second, or before it; both cost nothing', () => {
    const state = until(GO, rules.init(3, 1));
    wait(state, 20);
    rules.step(state, PRESS);
    wait(state, 10);
    const { score, chain } = state;
    while (!state.open) rules.step(state, PRESS);
    for (let n = 1; n < EARLIEST; n += 1) rules.step(state, PRESS);
    expect(state).toMatchObject({ open: true, score, chain });
    expect(state.early).toBeGreaterThan(EARLIEST);
    rules.step(state, PRESS);
    expect(state).toMatchObject({ open: false, carried: 2, chain: chain + 1 });
    expect(game.stimuli(state)[1]?.reactionMs).toBe(100);
  });

  it('gives the same round to a child who also taps early', () => {
    const eager: Hand<State> = (state) => bot(state) | (state.resting || state.step + 1 - state.appeared < EARLIEST ? PRESS : 0);
    for (const level of EVERY_LEVEL) {
      const { early, ...round } = play(level + 40, level, eager);
      const { early: none, ...calm } = play(level + 40, level, bot);
      expect(early).toBeGreaterThan(100);
      expect(none).toBe(0);
      expect(round).toEqual(calm);
    }
  });

  it('never has an answer time under 100 ms, whatever is pressed', () => {
    fc.assert(
      fc.property(seeds, levels, fc.integer({ min: 1, max: 40 }), (seed, level, every) => {
        const state = play(seed, level, masher(every, [PRESS]));
        for (const { reactionMs } of game.stimuli(state)) expect(reactionMs === null || reactionMs >= 100).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});

describe('the course', () => {
  it('has three round lanterns for each one with corners, and two more at the start', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        const course = newCourse(seed, true);
        const kinds = Array.from({ length: 82 }, () => drawKind(course, level));
        expect(kinds.slice(0, 3)).toEqual([GO, GO, GO]);
        for (let bag = 2; bag < kinds.length; bag += 16) {
          expect(kinds.slice(bag, bag + 16).filter((kind) => kind === STOP_SIGN).length).toBe(4);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('has longer runs of round lanterns before one with corners at higher levels', () => {
    const longest = (level: number) => {
      const course = newCourse(5, true);
      const line = Array.from({ length: 400 }, () => drawKind(course, level)).slice(2).join('');
      return Math.max(...line.split(String(STOP_SIGN)).map((run) => run.length));
    };
    expect([longest(1), longest(10), longest(20)]).toEqual([4, 5, 7]);
  });

  it('gives the windows that people of that age need', () => {
    expect([1, 10, 20].map((level) => Math.round((windowOf(level) * 1000) / 60))).toEqual([1400, 983, 417]);
    for (const level of EVERY_LEVEL.slice(1)) expect(windowOf(level)).toBeLessThan(windowOf(level - 1));
  });

  it('is not a rhythm: intervals at a level differ by half a second', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        const course = newCourse(seed, true);
        const steps = Array.from({ length: 8 }, () => drawInterval(course, level));
        expect(Math.max(...steps) - Math.min(...steps)).toBe(31);
        expect(new Set(steps).size).toBe(4);
      }),
      { numRuns: 50 },
    );
  });

  it('is the same for a seed, and another for most other seeds', () => {
    const courseOf = (seed: number) => [...play(seed, 8, bot).since].join();
    expect(courseOf(4)).toBe(courseOf(4));
    expect(new Set([1, 2, 3, 4, 5, 6, 7, 8].map(courseOf)).size).toBe(8);
  });

  it('rests two seconds or more between waves of 20 s, in which nothing shines', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        const state = rules.init(seed, level);
        while (!state.done) {
          rules.step(state, bot(state));
          expect(state.shown).toBeLessThanOrEqual(MOST_LANTERNS);
          for (let wave = 1; wave < WAVES; wave += 1) {
            const rests = state.step >= startOf(wave - 1) + WAVE_STEPS && state.step < startOf(wave);
            if (rests) expect(state).toMatchObject({ resting: true, open: false });
          }
        }
        expect(startOf(1) - startOf(0) - WAVE_STEPS).toBeGreaterThanOrEqual(120);
      }),
      { numRuns: 8 },
    );
  });
});

describe('the points', () => {
  const { par_score: PAR, limits } = table.games.find(({ id }) => id === 'signal_stop')!;

  // The bound has the earliest hexagons in every bag: each sooner climb has shorter windows after it.
  it('of the best play come within an eighth of the bound, and never pass it', () => {
    for (const level of EVERY_LEVEL) {
      for (const seed of [1, 2, 3, 77, 123_456, 0x7fffffff]) {
        const { score } = play(seed, level, quickest);
        expect(score).toBeLessThanOrEqual(rules.bound(level, rules.roundSeconds));
        expect(score).toBeGreaterThanOrEqual(rules.bound(level, rules.roundSeconds) * 0.875);
      }
    }
  });

  it('never pass the bound where a round is left, with or without slips', () => {
    fc.assert(
      fc.property(seeds, levels, fc.integer({ min: 2, max: 60 }), (seed, level, slip) => {
        const state = rules.init(seed, level);
        while (!state.done) {
          rules.step(state, state.shown % slip === 0 ? always(state) : quickest(state));
          if (state.step % 30 === 0) expect(state.score).toBeLessThanOrEqual(rules.bound(level, Math.floor(state.step / 6) / 10));
        }
      }),
      { numRuns: 20 },
    );
  });

  it('are 2 to 6 a second for good play at any level, and far from what the catalogue calls impossible', () => {
    for (const level of EVERY_LEVEL) {
      const aSecond = play(9, level, bot).score / rules.roundSeconds;
      expect(aSecond).toBeGreaterThan(2);
      expect(aSecond).toBeLessThan(6);
      expect(rules.bound(level, rules.roundSeconds)).toBeLessThan(limits.max_points_per_second * rules.roundSeconds);
    }
  });

  it('reach par in a clean round at level 5, and stay below it in one with a tap for each hexagon', () => {
    for (const seed of [1, 2, 3, 4]) {
      expect(play(seed, 5, bot).score).toBeGreaterThanOrEqual(PAR);
      expect(play(seed, HARDEST, always).score).toBeLessThan(PAR * 0.6);
    }
  });

  it('are none for a child who never taps, at any level', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        const state = play(seed, level, idle);
        expect(state).toMatchObject({ score: 0, waited: 0 });
        expect(rules.next(state)).toBe(EASIEST);
      }),
      { numRuns: 30 },
    );
  });

  it('are less than half for a masher, and for one who taps for everything', () => {
    fc.assert(
      fc.property(seeds, levels, fc.integer({ min: 2, max: 15 }), (seed, level, every) => {
        const careful = play(seed, level, bot).score;
        for (const hand of [masher<State>(every, [PRESS]), always]) {
          const state = play(seed, level, hand);
          expect(state.score).toBeLessThan(careful / 2);
          expect(rules.next(state)).toBeLessThanOrEqual(Math.max(EASIEST, level - 1));
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('the levels', () => {
  it('fall for a child who waits at every lantern after a good start', () => {
    const stops: Hand<State> = (state) => (state.shown < 12 ? bot(state) : 0);
    const state = play(6, 12, stops);
    expect(rules.next(state)).toBeLessThan(12);
  });

  it('do not fall for one missed lantern in six', () => {
    const slips: Hand<State> = (state) => (state.shown % 6 === 5 ? 0 : bot(state));
    expect(rules.next(play(6, 10, slips))).toBeGreaterThan(10);
  });
});
