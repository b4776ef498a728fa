import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { rulesContract } from '../engine/contract.ts';
import { masher, playRound, type Hand } from '../engine/play.ts';
import { finishedRound } from '../engine/round.ts';
import { levelOf } from '../engine/rules_staircase.ts';
import { bot } from './bot.ts';
import { game } from './game.ts';
import { byCurve, wrong } from './learners.ts';
import {
  BACK_EVERY,
  FEWEST_DRUMS,
  HAND_OVER_STEPS,
  levelAt,
  LEVELS,
  LONGEST,
  MOST_DRUMS,
  READY_BACK_STEPS,
  READY_STEPS,
  RIGHT_STEPS,
  TREMBLE_STEPS,
  WRONG_STEPS,
} from './rules_levels.ts';
import { DRUMS, ECHOING, HAND_OVER, missed, READY, RIGHT, rules, SHOWING, tapOf, wanted, WRONG, type State } from './rules.ts';

const { init, step, inputs } = rules;

rulesContract(game, DRUMS);

const seeds = fc.integer({ min: 0, max: 0x7fffffff });
const levels = fc.integer({ min: LEVELS[0], max: LEVELS[1] });
const ALL_LEVELS = Array.from({ length: LEVELS[1] }, (_, n) => n + 1);

function waitFor(state: State, phase: number): State {
  while (state.phase !== phase && !state.done) step(state, 0);
  return state;
}

/** A state at the child's turn. */
const turn = (level = 8, seed = 5) => waitFor(init(seed, level), ECHOING);

/** Play the phrase back whole. */
function echo(state: State): void {
  waitFor(state, ECHOING);
  while (state.phase === ECHOING) step(state, tapOf(wanted(state)));
}

/** Wait for the child's turn at a phrase that is to be played from its end. */
function backTurn(level = 16, seed = 2): State {
  const state = init(seed, level);
  while (!state.isBack) {
    echo(state);
    waitFor(state, READY);
  }
  return waitFor(state, ECHOING);
}

describe('the levels', () => {
  it('go from 2 beats on 4 slow drums to 9 beats on 6 fast ones', () => {
    expect(levelAt(1)).toEqual({ span: 2, drums: FEWEST_DRUMS, beat: 54, backSpan: 0 });
    expect(levelAt(20)).toMatchObject({ span: LONGEST, drums: MOST_DRUMS });
    expect(ALL_LEVELS.map((level) => levelAt(level).span).join('')).toBe('22333444555566677889');
  });

  it('never get easier: more beats, or as many and faster or on more drums or from the end', () => {
    for (const level of ALL_LEVELS.slice(1)) {
      const [before, now] = [levelAt(level - 1), levelAt(level)];
      expect(now.drums).toBeGreaterThanOrEqual(before.drums);
      expect(now.backSpan).toBeGreaterThanOrEqual(before.backSpan);
      expect(now.span > before.span || (now.span === before.span && now.beat <= before.beat), `level ${level}`).toBe(true);
      expect(now, `level ${level}`).not.toEqual(before);
    }
  });

  it('ask for a phrase from its end at the higher ones only, with fewer beats', () => {
    for (const level of ALL_LEVELS) {
      const { span, backSpan } = levelAt(level);
      expect(backSpan > 0).toBe(level >= 12);
      expect(backSpan).toBeLessThan(span);
    }
  });

  it('light a drum at most three times a second', () => {
    for (const level of ALL_LEVELS) expect(levelAt(level).beat).toBeGreaterThanOrEqual(20);
  });
});

describe('a phrase', () => {
  it('has the beats and drums of its level, and no drum again within three beats', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        const { phrase, drums, beat } = init(seed, level);
        expect([phrase.length, drums, beat]).toEqual([levelAt(level).span, levelAt(level).drums, levelAt(level).beat]);
        phrase.forEach((drum, at) => {
          expect(drum >= 0 && drum < drums).toBe(true);
          expect(phrase.slice(Math.max(0, at - 2), at)).not.toContain(drum);
        });
      }),
    );
  });

  it('uses every drum', () => {
    const used = new Set(Array.from({ length: 40 }, (_, seed) => init(seed, 20).phrase).flat());
    expect(used.size).toBe(MOST_DRUMS);
  });

  it('is shown beat by beat, then is handed over', () => {
    const state = waitFor(init(1, 3), SHOWING);
    expect(state.step).toBe(READY_STEPS);
    const beats: number[] = [];
    for (; state.phase === SHOWING; step(state, 0)) beats.push(state.at);
    expect(beats).toEqual([0, 1, 2].flatMap((at) => Array<number>(54).fill(at)));
    expect(state.phase).toBe(HAND_OVER);
    expect(waitFor(state, ECHOING).step).toBe(READY_STEPS + 3 * 54 + HAND_OVER_STEPS);
    expect(state.lastBeatAt).toBe(READY_STEPS + 2 * 54);
  });

  it('waits for the child as long as the round lasts', () => {
    const state = turn();
    while (!state.done) step(state, 0);
    expect([state.phase, state.total, state.step]).toEqual([ECHOING, 0, 7200]);
  });

  it('is from its end every third time, with a longer pause before it', () => {
    const state = init(3, 18);
    const back: boolean[] = [];
    for (let n = 0; n < 7; n += 1) {
      const began = state.step;
      back.push(state.isBack);
      expect(waitFor(state, SHOWING).step - began).toBe(state.isBack ? READY_BACK_STEPS : READY_STEPS);
      if (state.isBack) expect(state.phrase).toHaveLength(levelAt(state.phraseLevel).backSpan);
      echo(state);
      waitFor(state, READY);
    }
    expect(back).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => n % BACK_EVERY === 0));
  });

  it('comes at the level that the staircase has now; drums come, and none leaves', () => {
    const state = init(4, 4);
    let most = 0;
    while (!state.done) {
      if (state.phase === READY) {
        expect(state.phraseLevel).toBe(levelOf(state.stair));
        expect(state.drums).toBeGreaterThanOrEqual(most);
        most = state.drums;
      }
      const slips = state.step > 3600;
      step(state, state.phase === ECHOING ? tapOf(slips ? wrong(state) : wanted(state)) : 0);
    }
    expect(most).toBe(MOST_DRUMS);
    expect(levelAt(state.phraseLevel).drums).toBeLessThan(most);
  });
});

describe('the child’s turn', () => {
  it('ignores taps before it, and remembers that they came', () => {
    for (const [phase, isEarly] of [[READY, false], [SHOWING, true], [HAND_OVER, true]] as const) {
      const state = waitFor(init(1, 1), phase);
      step(state, tapOf(state.phrase[0] ?? 0));
      expect([state.taps.length, state.total, state.isEarly]).toEqual([0, 0, isEarly]);
      echo(state);
      expect([state.right, state.answered[0]?.waited]).toEqual([1, !isEarly]);
    }
  });

  it('is right when the whole phrase is played', () => {
    const state = turn();
    for (const drum of state.phrase) step(state, tapOf(drum));
    expect([state.right, state.total, state.phase, state.chain]).toEqual([1, 1, RIGHT, 1]);
    expect(state.score).toBe(4 * state.phrase.length + 4 + 1);
    for (let n = 0; n < RIGHT_STEPS; n += 1) step(state, 0);
    expect([state.phase, state.phrases]).toEqual([READY, 2]);
  });

  it('ends with the first wrong tap, without points', () => {
    const state = turn();
    step(state, tapOf(wanted(state)));
    step(state, tapOf(wrong(state)));
    expect([state.right, state.total, state.score, state.phase]).toEqual([0, 1, 0, WRONG]);
    expect(missed(state)).toBe(state.phrase[1]);
    for (let n = 0; n < WRONG_STEPS; n += 1) step(state, tapOf(missed(state)));
    expect([state.phase, state.total]).toEqual([READY, 1]);
  });

  it('goes from the end where the way is back', () => {
    const state = backTurn();
    const before = state.right;
    for (const drum of [...state.phrase].reverse()) step(state, tapOf(drum));
    expect(state.right).toBe(before + 1);
    const other = backTurn();
    step(other, tapOf(other.phrase[0] ?? 0));
    expect(other.phase).toBe(WRONG);
    expect(missed(other)).toBe(other.phrase[other.phrase.length - 1]);
  });

  it('takes a trembling finger for one tap', () => {
    const state = turn();
    const drum = tapOf(wanted(state));
    step(state, drum);
    for (let n = 1; n < TREMBLE_STEPS; n += 1) step(state, drum);
    expect([state.taps.length, state.total]).toEqual([1, 0]);
    step(state, drum);
    expect(state.phase).toBe(WRONG);
  });

  it('ignores two fingers at once, drums that are not there, and words that are no drum', () => {
    const state = turn(1);
    expect(state.drums).toBe(4);
    for (const input of [DRUMS[0] | DRUMS[1], DRUMS[4], DRUMS[5], inputs, 7, 1024]) step(state, input);
    expect([state.taps.length, state.total]).toEqual([0, 0]);
  });
});

describe('a finished round', () => {
  it('tells of each phrase, what was tapped and when', () => {
    const state = turn(4, 7);
    for (let n = 0; n < 60; n += 1) step(state, 0);
    for (const drum of state.phrase) {
      step(state, tapOf(drum));
      for (let n = 1; n < 30; n += 1) step(state, 0);
    }
    const [one] = game.stimuli(state);
    const [a, b, c] = state.phrase;
    expect(one).toEqual({
      t: 700,
      kind: 'forward',
      right: true,
      // From the last beat on: 42 steps of it, 24 to hand over, 61 to the first tap, 60 to the third.
      reactionMs: Math.round(((42 + 24 + 121) * 1000) / 60),
      data: [3, 4, 0, a, b, c, a, 1017, b, 1517, c, 2017],
    });
  });

  it('has times that a human can have, even of a mashing hand', () => {
    const hands: Hand<State>[] = [bot, byCurve(() => 700, 3), ...[1, 2, 5, 13, 25].map((every) => masher<State>(every, DRUMS))];
    for (const hand of hands) {
      const { state, trace } = playRound(rules, { seed: 9, level: 6, hand });
      const round = finishedRound(game, state, trace);
      expect(round.stimuli).toHaveLength(state.total);
      expect(round.stimuli.filter(({ right }) => right)).toHaveLength(state.right);
      expect(Math.min(...round.reactionTimesMs)).toBeGreaterThanOrEqual(300);
    }
  });

  it('counts what was done', () => {
    const state = backTurn();
    const clean = game.effort(state);
    expect(clean).toMatchObject({ right: 2, longestChain: 2, back: 0, backSlips: 0, recovered: 0, listened: 2, early: 0 });
    step(state, tapOf(wrong(state)));
    waitFor(state, SHOWING);
    step(state, DRUMS[0]);
    echo(state);
    const { phrase } = state.answered[state.answered.length - 1]!;
    const longest = Math.max(phrase.length, clean.longest!);
    expect(game.effort(state)).toMatchObject({ right: 3, longest, backSlips: 1, recovered: 1, listened: 3, early: 1 });
  });
});
