/** What holds for the rules of every game. Call `rulesContract` in the game's test. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LANGUAGES, write } from '../../i18n/text.ts';
import type { Game } from './game.ts';
import { idle, masher, playRound, type Hand } from './play.ts';
import { finishedRound, playOn } from './round.ts';
import { secondsOf } from './rules_measure.ts';
import { replay, resultOf, STEPS_A_SECOND, STOP, type RoundState } from './rules_round.ts';
import { verifiedBy } from './verified.ts';

const seeds = fc.integer({ min: 0, max: 0x7fffffff });
const LONGEST_FEEDBACK = 220;

/** `inputs` are those that a player can make. */
export function rulesContract<S extends RoundState>(game: Game<S>, inputs: readonly number[]): void {
  const { rules, bot } = game;
  const [easiest, hardest] = rules.levels;
  const levels = fc.integer({ min: easiest, max: hardest });
  const lastStep = rules.roundSeconds * STEPS_A_SECOND;
  /** The bot with slips, a masher, or nobody. */
  const hands: fc.Arbitrary<Hand<S>> = fc.oneof(
    fc.constant(bot),
    fc.integer({ min: 2, max: 9 }).map((slip) => (state: S) => (state.total % slip === 0 ? 0 : bot(state))),
    fc.integer({ min: 1, max: 90 }).map((every) => masher<S>(every, inputs)),
    fc.constant(idle),
  );

  describe('the rules keep the contract of all games:', () => {
    it('inputs leave the bit that marks the end of a round that was left', () => {
      expect(rules.inputs & STOP).toBe(0);
      for (const input of inputs) expect(input & ~rules.inputs).toBe(0);
    });

    it('a round ends after its seconds, and its numbers can be', () => {
      fc.assert(
        fc.property(seeds, levels, hands, (seed, level, hand) => {
          const { state } = playRound(rules, { seed, level, hand });
          expect(state.step).toBe(lastStep);
          expect(state.right).toBeLessThanOrEqual(state.total);
          expect(state.right).toBeGreaterThanOrEqual(0);
          expect(state.score).toBeGreaterThanOrEqual(0);
          const before = { ...state };
          rules.step(state, inputs[0] ?? 0);
          expect(state).toEqual(before);
        }),
        { numRuns: 25 },
      );
    });

    it('a replay gives what was played, whole or left', () => {
      fc.assert(
        fc.property(seeds, levels, hands, fc.integer({ min: 0, max: lastStep }), fc.boolean(), (seed, level, hand, until, whole) => {
          const { state, trace } = playRound(rules, { seed, level, hand, ...(!whole && { steps: until }) });
          const round = finishedRound(game, state, trace);
          expect(replay(rules, seed, level, round.trace)).toEqual(state);
          expect(verifiedBy(rules).replay(seed, level, round.trace)).toEqual(resultOf(state));
          expect(JSON.stringify(round.trace).length).toBeLessThan(48 * 1024);
          expect(round.stimuli.length).toBe(round.stimuli.filter(({ t }) => t >= 0 && t <= rules.roundSeconds * 1000).length);
          for (const one of round.stimuli.flatMap(({ data }) => data)) expect(Number.isSafeInteger(one)).toBe(true);
        }),
        { numRuns: 30 },
      );
    });

    it('a saved round goes on where it was', () => {
      fc.assert(
        fc.property(seeds, levels, hands, fc.integer({ min: 0, max: lastStep - 1 }), (seed, level, hand, steps) => {
          const { state, trace } = playRound(rules, { seed, level, hand, steps });
          expect(playOn(rules, { version: rules.version, seed, difficulty: level, steps, trace })).toEqual(state);
        }),
        { numRuns: 20 },
      );
    });

    it('any trace gives a round', () => {
      fc.assert(
        fc.property(seeds, fc.integer(), fc.array(fc.integer(), { maxLength: 80 }), (seed, level, trace) => {
          const state = replay(rules, seed, level, trace);
          expect(state.step).toBeLessThanOrEqual(lastStep);
          expect(state.done).toBe(state.step === lastStep);
          expect(state.level).toBeGreaterThanOrEqual(easiest);
          expect(state.level).toBeLessThanOrEqual(hardest);
        }),
        { numRuns: 30 },
      );
    });

    it('the next level is one of the game', () => {
      fc.assert(
        fc.property(seeds, levels, hands, fc.integer({ min: 0, max: lastStep }), (seed, level, hand, steps) => {
          const next = rules.next(playRound(rules, { seed, level, hand, steps }).state);
          expect(Number.isInteger(next) && next >= easiest && next <= hardest).toBe(true);
        }),
        { numRuns: 20 },
      );
    });

    it('no play gives more points than the bound, which never falls', () => {
      fc.assert(
        fc.property(seeds, levels, hands, fc.integer({ min: 1, max: lastStep }), (seed, level, hand, steps) => {
          const { state } = playRound(rules, { seed, level, hand, steps });
          expect(state.score).toBeLessThanOrEqual(rules.bound(level, secondsOf(steps)));
          expect(rules.bound(level, secondsOf(steps) - 0.1)).toBeLessThanOrEqual(rules.bound(level, secondsOf(steps)));
        }),
        { numRuns: 60 },
      );
    });

    it('the feedback of any round is short and whole in every language', () => {
      const broken = /\b(undefined|NaN)\b|[{}]/;
      fc.assert(
        fc.property(seeds, levels, hands, fc.integer({ min: 1, max: lastStep }), fc.boolean(), (seed, level, hand, until, whole) => {
          const { state, trace } = playRound(rules, { seed, level, hand, ...(!whole && { steps: until }) });
          for (const text of Object.values(finishedRound(game, state, trace).feedback)) {
            expect(text.length).toBeGreaterThan(5);
            expect(text.length).toBeLessThan(LONGEST_FEEDBACK);
            expect(text).not.toMatch(broken);
          }
        }),
        { numRuns: 25 },
      );
    });

    it('the tutorial asks for something, and says so in every language', () => {
      const { seed, level, seconds, says } = game.tutorial;
      const { trace } = playRound(rules, { seed, level, hand: bot, steps: seconds * STEPS_A_SECOND });
      expect(trace.length).toBeGreaterThan(0);
      for (const { fromSeconds, sentence } of says) {
        expect(fromSeconds).toBeLessThan(seconds);
        for (const { id } of LANGUAGES) expect(write(id, sentence[id], {}).length).toBeGreaterThan(3);
      }
    });
  });
}
