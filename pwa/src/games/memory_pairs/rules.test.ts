import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { rulesContract } from '../engine/contract.ts';
import { playRound, type Hand } from '../engine/play.ts';
import { levelOf } from '../engine/rules_staircase.ts';
import { bot } from './bot.ts';
import { game } from './game.ts';
import { allKnowing, careless } from './learners.ts';
import { isPairKnown, mateOf, TAKE_PAIR, TURN_NEW, TURNED, UNSEEN, type State } from './rules_board.ts';
import { CLEARED_STEPS, DEAL_STEPS, levelAt, LEVELS, OPEN_STEPS, SEEN_STEPS, SWAP_STEPS, TURN_STEPS } from './rules_levels.ts';
import { CLEARED, DEALING, DIFFERING, LOOKING, PAIRED, rules, SWAPPING, turn, TURNING } from './rules.ts';

const { init, step, inputs } = rules;
const places = Array.from({ length: 20 }, (_, place) => place);

rulesContract(game, places.map(turn));

const seeds = fc.integer({ min: 0, max: 0x7fffffff });
const levels = fc.integer({ min: LEVELS[0], max: LEVELS[1] });
const ALL_LEVELS = Array.from({ length: LEVELS[1] }, (_, n) => n + 1);

const play = (seed: number, level: number, hand: Hand<State>) => playRound(rules, { seed, level, hand }).state;

/** A board whose cards lie face down, at a level without a look. */
function board(level = 9, seed = 5): State {
  const state = init(seed, level);
  while (state.phase !== TURNING) step(state, 0);
  return state;
}

/** Turn a card as soon as it may. */
function press(state: State, place: number): void {
  step(state, turn(place));
  while (state.waiting >= 0) step(state, 0);
  for (let n = 0; n < TURN_STEPS; n += 1) step(state, 0);
}

/** Wait until the next turn can begin. */
function settle(state: State): void {
  while (state.phase !== TURNING && !state.done) step(state, 0);
}

function turnBoth(state: State, first: number, second: number): { right: boolean; kind: number } {
  settle(state);
  press(state, first);
  press(state, second);
  const at = state.total - 1;
  return { right: state.asked.right[at] === 1, kind: state.asked.kind[at] ?? -1 };
}

/** Places of cards with so many different pictures. */
function strangers(state: State, count: number): number[] {
  const found: number[] = [];
  for (const place of places.slice(0, state.cards)) {
    if (!found.some((other) => state.picture[other] === state.picture[place])) found.push(place);
  }
  return found.slice(0, count);
}

describe('a board', () => {
  it('has two cards of each picture, as many pairs as its level says, alike as it says', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        const { picture, cards, left } = init(seed, level);
        const { pairs, alike } = levelAt(level);
        expect([cards, left]).toEqual([pairs * 2, pairs]);
        const counts = new Map<number, number>();
        for (const one of picture.slice(0, cards)) counts.set(one, (counts.get(one) ?? 0) + 1);
        expect([...counts.values()]).toEqual(Array(pairs).fill(2));
        const families = [...counts.keys()].map((one) => one >> 2);
        expect(new Set(families).size).toBe(Math.ceil(pairs / alike));
      }),
    );
  });

  it('grows from 3 to 10 pairs, never easier at a higher level', () => {
    expect([levelAt(1).pairs, levelAt(20).pairs]).toEqual([3, 10]);
    for (const level of ALL_LEVELS.slice(1)) {
      const [before, now] = [levelAt(level - 1), levelAt(level)];
      expect(now.pairs).toBeGreaterThanOrEqual(before.pairs);
      const harder = now.pairs > before.pairs || now.look < before.look || now.alike > before.alike || now.swap !== before.swap;
      expect(harder || level === 20, `level ${level}`).toBe(true);
    }
  });

  it('shows all cards at first at low levels, for at least 1.5 seconds, and at no high one', () => {
    const state = init(1, 1);
    for (let n = 0; n < DEAL_STEPS; n += 1) step(state, 0);
    expect(state.phase).toBe(LOOKING);
    for (let n = 0; n < levelAt(1).look; n += 1) step(state, turn(0));
    expect([state.phase, state.first]).toEqual([TURNING, 0]);
    for (const { look } of ALL_LEVELS.map(levelAt)) expect(look === 0 || look >= 90).toBe(true);
    expect(levelAt(8).look).toBe(0);
  });

  it('makes room for the next one, of the level that the staircase has now', () => {
    const state = board(9);
    while (state.phase !== CLEARED) step(state, allKnowing(state));
    const level = levelOf(state.stair);
    expect(level).toBeGreaterThan(9);
    for (let n = 0; n < CLEARED_STEPS; n += 1) step(state, 0);
    expect([state.phase, state.boards, state.boardLevel, state.left]).toEqual([DEALING, 2, level, levelAt(level).pairs]);
    expect([...state.found].every((one) => one === 0)).toBe(true);
  });
});

describe('a turn', () => {
  it('is right when it finds a pair, and both cards stay', () => {
    const state = board();
    const mate = mateOf(state, 0, UNSEEN);
    expect(turnBoth(state, 0, mate)).toEqual({ right: true, kind: TURN_NEW });
    expect([state.found[0], state.found[mate], state.pairs, state.remembered]).toEqual([1, 1, 1, 0]);
  });

  it('is right when both cards are new and no pair was known', () => {
    const state = board();
    const [a = 0, b = 0, c = 0, d = 0] = strangers(state, 4);
    expect(turnBoth(state, a, b)).toEqual({ right: true, kind: TURN_NEW });
    expect(turnBoth(state, c, d)).toEqual({ right: true, kind: TURN_NEW });
    expect(state.score).toBe(0);
  });

  it('is wrong when a card is turned again without need, first or second', () => {
    for (const again of [0, 1]) {
      const state = board();
      const [a = 0, b = 0, c = 0] = strangers(state, 3);
      turnBoth(state, a, b);
      const cards = again === 0 ? ([a, c] as const) : ([c, a] as const);
      expect(turnBoth(state, ...cards)).toEqual({ right: false, kind: TURN_NEW });
    }
  });

  it('is wrong when the second card is passed over though its place was seen', () => {
    const state = board();
    const [a = 0, b = 0, c = 0] = strangers(state, 3);
    turnBoth(state, a, b);
    expect(turnBoth(state, mateOf(state, a, UNSEEN), c)).toEqual({ right: false, kind: TAKE_PAIR });
  });

  it('is wrong when a known pair is passed over, and right when it is taken', () => {
    const state = board();
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = strangers(state, 5);
    turnBoth(state, a, b);
    turnBoth(state, mateOf(state, a, UNSEEN), c);
    settle(state);
    expect(isPairKnown(state)).toBe(true);
    expect(turnBoth(state, d, e)).toEqual({ right: false, kind: TAKE_PAIR });
    expect(turnBoth(state, a, mateOf(state, a, UNSEEN))).toEqual({ right: true, kind: TAKE_PAIR });
    expect(state.remembered).toBe(1);
  });

  it('is never wrong by bad luck: a perfect memory is always right', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        const { right, total } = play(seed, level, bot);
        expect(total).toBeGreaterThan(20);
        expect(right).toBe(total);
      }),
      { numRuns: 60 },
    );
  });

  it('does not count what was only glimpsed in the first look as known', () => {
    const state = init(3, 1);
    settle(state);
    const [a = 0, b = 0] = strangers(state, 2);
    expect(turnBoth(state, a, b)).toEqual({ right: true, kind: TURN_NEW });
  });

  it('tells from when it could begin and how long it took', () => {
    const state = board();
    const began = state.step;
    for (let n = 0; n < 60; n += 1) step(state, 0);
    const [a = 0, b = 0] = strangers(state, 2);
    step(state, turn(a));
    for (let n = 0; n < 50; n += 1) step(state, 0);
    step(state, turn(b));
    expect([state.asked.from[0], state.asked.took[0]]).toEqual([began, 112]);
  });
});

describe('a press', () => {
  it('on a found or an open card, or where no card lies, does nothing', () => {
    const state = board();
    const mate = mateOf(state, 0, UNSEEN);
    turnBoth(state, 0, mate);
    settle(state);
    const other = strangers(state, 2)[1] ?? 1;
    press(state, other);
    for (const input of [turn(0), turn(mate), turn(other), turn(state.cards), inputs, 7]) step(state, input);
    expect([state.first, state.second, state.waiting, state.total]).toEqual([other, -1, -1, 1]);
  });

  it('that comes too soon waits until the card may turn', () => {
    const state = board();
    const [a = 0, b = 0] = strangers(state, 2);
    step(state, turn(a));
    step(state, turn(b));
    expect(state.second).toBe(-1);
    for (let n = 0; n < TURN_STEPS; n += 1) step(state, 0);
    expect(state.second).toBe(b);
  });

  it('closes two cards that differ, once they were seen, and turns the pressed one', () => {
    const state = board();
    const [a = 0, b = 0, c = 0] = strangers(state, 3);
    settle(state);
    press(state, a);
    step(state, turn(b));
    expect(state.phase).toBe(DIFFERING);
    const opened = state.step;
    step(state, turn(c));
    while (state.phase === DIFFERING) step(state, 0);
    expect(state.step - opened).toBe(SEEN_STEPS);
    expect([state.first, state.second]).toEqual([c, -1]);
  });

  it('on one of two open cards only closes them; without a press they close later', () => {
    for (const hand of [(b: number) => turn(b), () => 0]) {
      const state = board();
      const [a = 0, b = 0] = strangers(state, 2);
      press(state, a);
      step(state, turn(b));
      const opened = state.step;
      step(state, hand(b));
      while (state.phase === DIFFERING) step(state, 0);
      expect(state.step - opened).toBe(hand(b) ? SEEN_STEPS : OPEN_STEPS);
      expect([state.first, state.second]).toEqual([-1, -1]);
    }
  });
});

describe('a swap', () => {
  it('comes after so many turns at high levels, and what is known goes with the card', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 12, max: 20 }), (seed, level) => {
        const state = board(level, seed);
        while (state.turns < levelAt(level).swap) step(state, bot(state));
        const before = { picture: [...state.picture], seen: [...state.seen] };
        const isAnyKnown = before.seen.some((seen, place) => seen === TURNED && state.found[place] === 0);
        while (state.phase === DIFFERING || state.phase === PAIRED) step(state, 0);
        expect(state.phase).toBe(SWAPPING);
        const { swapA, swapB } = state;
        expect(swapA).not.toBe(swapB);
        expect(state.found[swapA]! + state.found[swapB]!).toBe(0);
        // By luck, all cards that were turned may be pairs already.
        if (isAnyKnown) expect(before.seen[swapA]).toBe(TURNED);
        expect([state.picture[swapA], state.picture[swapB]]).toEqual([before.picture[swapB], before.picture[swapA]]);
        expect([state.seen[swapA], state.seen[swapB]]).toEqual([before.seen[swapB], before.seen[swapA]]);
        for (let n = 1; n < SWAP_STEPS; n += 1) {
          step(state, turn(swapA));
          expect(state.first).toBe(-1);
        }
        step(state, 0);
        expect(state.phase).toBe(TURNING);
      }),
      { numRuns: 40 },
    );
  });

  it('never comes at the lower levels', () => {
    for (const level of [1, 5, 10]) {
      const state = init(4, level);
      while (!state.done) {
        step(state, state.phase === TURNING ? turn(careless(state)) : 0);
        expect(state.phase === SWAPPING && state.boardLevel < 12).toBe(false);
      }
    }
  });
});

describe('the points of a pair', () => {
  it('are fewer after needless turns', () => {
    const [clean, slipped] = [board(), board()];
    const [a = 0, b = 0] = strangers(clean, 2);
    for (const state of [clean, slipped]) turnBoth(state, a, b);
    turnBoth(slipped, a, b);
    for (const state of [clean, slipped]) turnBoth(state, a, mateOf(state, a, UNSEEN));
    expect(slipped.score).toBeLessThan(clean.score);
    expect(slipped.score).toBeGreaterThan(0);
  });
});
