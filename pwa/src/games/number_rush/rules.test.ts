import { describe, expect, it } from 'vitest';

import table from '../../../../neuroplay/core/game_catalogue.json';
import { rulesContract } from '../engine/contract.ts';
import { idle, playRound, type Hand } from '../engine/play.ts';
import { levelOf } from '../engine/rules_staircase.ts';
import { game } from './game.ts';
import { handOf, LEARNERS, luck, pressOf, type Player } from './learners.ts';
import { ANSWERS, ASKED, LATE, READY, RIGHT, RIGHT_STEPS, RISE_STEPS, rules, WRONG, WRONG_STEPS, type State } from './rules.ts';

const { par_score: PAR, limits } = table.games.find(({ id }) => id === 'number_rush')!;
const SECONDS = rules.roundSeconds;

rulesContract(game, ANSWERS);

/** Play until the next task is there. */
function toTask(state: State): State {
  while (state.outcome !== ASKED) rules.step(state, 0);
  return state;
}

function wait(state: State, steps: number): void {
  for (let n = 0; n < steps; n += 1) rules.step(state, 0);
}

const play = (player: Player, seed: number, level: number) =>
  playRound(rules, { seed, level, hand: handOf(player, luck(seed)) }).state;

const mean = (of: (seed: number) => number) => Array.from({ length: 30 }, (_, seed) => of(seed)).reduce((a, b) => a + b) / 30;

describe('a task', () => {
  it('comes after a moment to get ready', () => {
    const state = rules.init(1, 5);
    expect(state.outcome).toBe(READY);
    wait(state, RIGHT_STEPS);
    expect(state.outcome).toBe(ASKED);
  });

  it('takes no answer before the lanterns are there', () => {
    const state = toTask(rules.init(1, 5));
    for (let n = 1; n < RISE_STEPS; n += 1) {
      rules.step(state, pressOf(state.task, true));
      expect(state.outcome).toBe(ASKED);
    }
    rules.step(state, pressOf(state.task, true));
    expect(state.outcome).toBe(RIGHT);
  });

  it('takes one answer, and none of several at once', () => {
    const state = toTask(rules.init(1, 5));
    wait(state, RISE_STEPS);
    for (const many of [16 | 32, 16 | 64, 16 | 32 | 64]) rules.step(state, many);
    expect(state).toMatchObject({ outcome: ASKED, total: 0 });
    rules.step(state, pressOf(state.task, true));
    const { score } = state;
    for (const input of ANSWERS) rules.step(state, input);
    expect(state).toMatchObject({ outcome: RIGHT, total: 1, right: 1, score });
  });

  it('after a right answer the next one follows soon; after a wrong one there is time to see the right one', () => {
    const state = toTask(rules.init(1, 5));
    wait(state, 40);
    rules.step(state, pressOf(state.task, true));
    wait(state, RIGHT_STEPS);
    expect(state).toMatchObject({ outcome: ASKED, shownAt: state.step, chain: 1 });
    wait(state, 40);
    rules.step(state, pressOf(state.task, false));
    wait(state, WRONG_STEPS - 1);
    expect(state).toMatchObject({ outcome: WRONG, chain: 0, right: 1, total: 2 });
    wait(state, 1);
    expect(state.outcome).toBe(ASKED);
  });

  it('that nobody answers in time shows its answer, and counts as not right', () => {
    const state = toTask(rules.init(1, 1));
    wait(state, state.lateAt - state.step - 1);
    expect(state.outcome).toBe(ASKED);
    wait(state, 1);
    expect(state).toMatchObject({ outcome: LATE, right: 0, total: 1, score: 0 });
    expect(game.stimuli(state)).toMatchObject([{ right: false, reactionMs: null }]);
  });

  it('can be answered in its last step', () => {
    const state = toTask(rules.init(1, 1));
    wait(state, state.lateAt - state.step - 1);
    rules.step(state, pressOf(state.task, true));
    expect(state.outcome).toBe(RIGHT);
  });

  it('counts the time of an answer from the moment it can be seen', () => {
    const state = toTask(rules.init(3, 9));
    wait(state, 89);
    rules.step(state, pressOf(state.task, true));
    expect(game.stimuli(state)).toEqual([
      { t: 500, kind: expect.any(String), right: true, reactionMs: 1500, data: [state.task.a, state.task.b, state.task.right, state.task.right] },
    ]);
  });
});

describe('points', () => {
  const fastest: Hand<State> = ({ outcome, task }) => (outcome === ASKED ? pressOf(task, true) : 0);

  it('of the best play are as many as the bound allows', () => {
    for (const level of [1, 7, 13, 20])
      for (const seed of [1, 2, 3]) expect(playRound(rules, { seed, level, hand: fastest }).state.score).toBe(rules.bound(level, SECONDS));
    expect(rules.bound(20, SECONDS)).toBeLessThan(limits.max_points_per_second * SECONDS);
  });

  it('are 2 to 7 a second for a clean round that takes its time, at any level', () => {
    for (let level = 1; level <= 20; level += 1) {
      const { score, right, total } = playRound(rules, { seed: level, level, hand: game.bot }).state;
      expect(right).toBe(total);
      expect(score).toBeGreaterThan(2 * SECONDS);
      expect(score).toBeLessThan(7 * SECONDS);
    }
  });

  it('of a clean round at level 10 are about the par of the catalogue', () => {
    const clean = mean((seed) => playRound(rules, { seed, level: 10, hand: game.bot }).state.score);
    expect(PAR).toBeGreaterThan(clean * 0.9);
    expect(PAR).toBeLessThan(clean * 1.1);
  });

  it('are none for one who only watches', () => {
    for (const level of [1, 10, 20]) {
      const { state } = playRound(rules, { seed: level, level, hand: idle });
      expect(state).toMatchObject({ score: 0, right: 0 });
      expect(state.total).toBeGreaterThan(5);
    }
  });

  it('of pressing anything are less than a third of those of careful play, wherever it begins', () => {
    for (const level of [1, 5, 10]) {
      const careful = mean((seed) => play({ rightOf: () => 0.85, stepsOf: () => 120 }, seed, level).score);
      const anyhow = mean((seed) => play({ rightOf: () => 1 / 3, stepsOf: () => 0 }, seed, level).score);
      const always = mean((seed) => playRound(rules, { seed, level, hand: () => ANSWERS[0] }).state.score);
      expect(Math.max(anyhow, always)).toBeLessThan(careful * 0.333);
    }
  });
});

describe('the level', () => {
  it('of a learner comes to rest within three rounds, near four of five right', () => {
    for (const [name, player] of Object.entries(LEARNERS)) {
      const started: number[] = [];
      const shares: number[] = [];
      for (let learner = 0; learner < 40; learner += 1) {
        let level = 1;
        for (let round = 0; round < 5; round += 1) {
          const state = playRound(rules, { seed: learner * 9 + round, level, hand: handOf(player, luck(learner * 77 + round)) }).state;
          if (round >= 2) shares.push(state.right / state.total);
          if (round >= 3) started.push(level);
          level = rules.next(state);
        }
      }
      const share = shares.reduce((a, b) => a + b) / shares.length;
      expect(share, name).toBeGreaterThan(0.75);
      expect(share, name).toBeLessThan(0.85);
      started.sort((a, b) => a - b);
      const [low = 0, high = 0] = [started[8], started.at(-9)];
      expect(high - low, `${name} starts between ${low} and ${high}`).toBeLessThanOrEqual(3);
    }
  });

  it('rises through all levels in two rounds for one who knows everything, and falls for one who guesses', () => {
    const wise = { rightOf: () => 1, stepsOf: () => 80 };
    const first = rules.next(play(wise, 1, 1));
    expect(first).toBeGreaterThan(8);
    expect(levelOf(play(wise, 2, first).stair)).toBe(20);
    expect(rules.next(play({ rightOf: () => 1 / 3, stepsOf: () => 60 }, 1, 12))).toBeLessThan(6);
  });
});
