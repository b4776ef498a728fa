import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import table from '../../../../neuroplay/core/game_catalogue.json';
import { rulesContract } from '../engine/contract.ts';
import { idle, masher, playRound, type Hand } from '../engine/play.ts';
import { EARLIEST, PRESS } from '../engine/rules_press.ts';
import { game } from './game.ts';
import { bot, rules, type State } from './rules.ts';
import { levelAt, LEVELS } from './rules_levels.ts';
import { LEAD, SAME, windowOf } from './rules_trail.ts';

const seeds = fc.integer({ min: 0, max: 0x7fffffff });
const levels = fc.integer({ min: LEVELS[0], max: LEVELS[1] });
const [EASIEST, HARDEST] = LEVELS;
const EVERY_LEVEL = Array.from({ length: HARDEST }, (_, n) => n + 1);

const kindOf = ({ kinds, shown }: State) => kinds[shown - 1] ?? LEAD;
/** As fast as a press can count. */
const quickest: Hand<State> = (state) => (state.open && kindOf(state) === SAME && state.step + 1 - state.appeared >= EARLIEST ? PRESS : 0);
/** Presses for every stone, without looking. */
const always: Hand<State> = (state) => (state.open && state.step + 1 - state.appeared >= 40 ? PRESS : 0);

const play = (seed: number, level: number, hand: Hand<State>) => playRound(rules, { seed, level, hand }).state;

/** Steps on by the bot until a stone comes that is the same as before, or is not. */
function until(isSame: boolean, state: State): State {
  do rules.step(state, bot(state));
  while (!(state.open && state.step === state.appeared && (kindOf(state) === SAME) === isSame));
  return state;
}

function wait(state: State, steps: number): void {
  for (let n = 0; n < steps; n += 1) rules.step(state, 0);
}

rulesContract(game, [PRESS]);

describe('a stone', () => {
  it('that is the same is found by a press in its window', () => {
    const state = until(true, rules.init(3, 1));
    const { score, right, total, found } = state;
    wait(state, 40);
    rules.step(state, PRESS);
    expect(state).toMatchObject({ found: found + 1, right: right + 1, total: total + 1, score: score + 6, open: false });
    expect(game.stimuli(state).at(-1)).toMatchObject({ kind: 'same', right: true, reactionMs: 683 });
  });

  it('that is the same is missed after its window, and the chain ends', () => {
    const state = until(true, until(true, until(true, rules.init(3, 5))));
    const { score, total, chain } = state;
    expect(chain).toBeGreaterThan(1);
    wait(state, windowOf(levelAt(state.levels[state.shown - 1] ?? 1).interval));
    expect(state).toMatchObject({ score, total: total + 1, chain: 0, open: false });
    expect(game.stimuli(state).at(-1)).toMatchObject({ right: false, reactionMs: null });
  });

  it('that differs is left alone by waiting, which earns and counts for a child who plays', () => {
    const state = until(false, until(true, rules.init(3, 1)));
    const { score, right, waited } = state;
    wait(state, windowOf(144));
    expect(state).toMatchObject({ waited: waited + 1, right: right + 1 });
    expect(state.score - score).toBeGreaterThanOrEqual(4);
    expect(game.effort(state).waited).toBe(state.waited);
  });

  it('that differs and is pressed is wrong, ends the chain and makes the next ones easier', () => {
    const state = until(false, until(true, rules.init(3, 10)));
    const { score, right, chain, stair } = state;
    const { at } = stair;
    expect(chain).toBeGreaterThan(0);
    wait(state, 20);
    rules.step(state, PRESS);
    expect(state).toMatchObject({ score, right, chain: 0 });
    expect(state.stair.at).toBeLessThan(at);
  });

  it('is not answered by a press within a tenth of a second, after its window or at the first stones of a walk', () => {
    const early: Hand<State> = (state) => bot(state) | (!state.open || state.step + 1 - state.appeared < EARLIEST ? PRESS : 0);
    for (const level of EVERY_LEVEL) expect(play(level + 40, level, early)).toEqual(play(level + 40, level, bot));
  });

  it('never has an answer time under 100 ms, whatever is pressed', () => {
    fc.assert(
      fc.property(seeds, levels, fc.integer({ min: 1, max: 40 }), (seed, level, every) => {
        for (const { reactionMs } of game.stimuli(play(seed, level, masher(every, [PRESS])))) {
          expect(reactionMs === null || reactionMs >= 100).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('the points', () => {
  const { par_score: PAR, limits } = table.games.find(({ id }) => id === 'n_back_trail')!;

  it('of the best play come within a tenth of the bound, and never pass it', () => {
    for (const level of EVERY_LEVEL) {
      const most = rules.bound(level, rules.roundSeconds);
      for (let seed = 1; seed < 30; seed += 1) {
        const { score } = play(seed * 7_919, level, quickest);
        expect(score).toBeLessThanOrEqual(most);
        expect(score, `level ${level}`).toBeGreaterThanOrEqual(most * 0.9);
      }
    }
  });

  it('never pass the bound where a round is left, with or without slips', () => {
    fc.assert(
      fc.property(seeds, levels, fc.integer({ min: 4, max: 60 }), (seed, level, slip) => {
        const state = rules.init(seed, level);
        while (!state.done) {
          rules.step(state, state.shown % slip === 0 ? 0 : quickest(state));
          if (state.step % 30 === 0) expect(state.score).toBeLessThanOrEqual(rules.bound(level, Math.floor(state.step / 6) / 10));
        }
      }),
      { numRuns: 20 },
    );
  });

  it('are 2 to 5 a second for good play at any level, and far from what the catalogue calls impossible', () => {
    for (const level of EVERY_LEVEL) {
      const aSecond = play(9, level, bot).score / rules.roundSeconds;
      expect(aSecond).toBeGreaterThan(2);
      expect(aSecond).toBeLessThan(5);
      expect(rules.bound(level, rules.roundSeconds)).toBeLessThan((limits.max_points_per_second * rules.roundSeconds) / 2);
    }
  });

  it('reach par in a clean round at level 10', () => {
    for (const seed of [1, 2, 3, 4]) {
      expect(play(seed, 10, bot).score).toBeGreaterThanOrEqual(PAR);
      expect(play(seed, 1, bot).score).toBeGreaterThan(PAR * 0.8);
    }
  });

  it.each([['is idle', idle], ['always presses', always]])('are next to none for a child who %s, and falls to level 1', (_, hand: Hand<State>) => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        const once = play(seed, level, hand);
        expect(once.score).toBeLessThan(PAR / 10);
        expect(rules.next(once)).toBeLessThanOrEqual(Math.max(EASIEST + 1, level - 3));
        let next: number = HARDEST;
        for (let round = 0; round < 6; round += 1) next = rules.next(play(seed + round, next, hand));
        expect(next).toBe(EASIEST);
      }),
      { numRuns: 12 },
    );
  });

  it('are far less for a masher, however fast, who climbs no level', () => {
    for (const every of [2, 7, 45, 90, 140, 200, 280]) {
      for (const level of [1, 9, 17]) {
        const rounds = Array.from({ length: 12 }, (_, n) => play(n * 977 + every, level, masher<State>(every, [PRESS])));
        const mean = (of: (state: State) => number) => rounds.reduce((sum, state) => sum + of(state), 0) / rounds.length;
        expect(mean(({ score }) => score), `every ${every} at ${level}`).toBeLessThan(play(1, level, bot).score * 0.45);
        expect(mean(rules.next)).toBeLessThanOrEqual(level + 0.5);
      }
    }
  });
});

describe('the levels', () => {
  it('rise for a round without a slip, by one number of stones back a walk at most', () => {
    for (const level of EVERY_LEVEL.slice(0, -1)) {
      const state = play(level, level, bot);
      expect(rules.next(state)).toBeGreaterThan(level);
      const backs = game.stimuli(state).map(({ data }) => data[1] ?? 0);
      backs.slice(1).forEach((back, n) => expect(back - (backs[n] ?? 0)).toBeLessThanOrEqual(1));
    }
  });

  it('fall for a child who stops playing', () => {
    const state = rules.init(6, 10);
    while (state.shown < 15) rules.step(state, bot(state));
    const { at } = state.stair;
    while (!state.done) rules.step(state, 0);
    expect(state.stair.at).toBeLessThan(at - 16);
  });

  it('do not fall for one slip in eight', () => {
    const slips: Hand<State> = (state) => (state.shown % 8 === 7 ? 0 : bot(state));
    expect(rules.next(play(6, 10, slips))).toBeGreaterThanOrEqual(10);
  });
});
