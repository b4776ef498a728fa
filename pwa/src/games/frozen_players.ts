/** Players that record rounds for the tests of frozen rules. */

import type { Game } from './engine/game.ts';
import { playRound } from './engine/play.ts';
import { nextRandom, pick, seeded } from './engine/rules_random.ts';
import { STEPS_A_SECOND, STOP, type RoundState } from './engine/rules_round.ts';
import type { VerifiedGame } from './engine/verified.ts';

/** The trace of a round that starts with this seed and level. */
export type Player = (seed: number, level: number) => number[];

/** Players who know the game: the bot, and the bot with slips. With one input to give, a slip is not to give
 * it. Other games may wait for an answer, so there it is some other input: a wrong answer in most cases. */
export function able<S extends RoundState>({ rules, bot }: Game<S>): Record<string, Player> {
  const words = wordsOf(rules.inputs);
  const slip = (seed: number, state: S): number => {
    if (words.length === 1 || bot(state) === 0) return 0;
    return words[pick(nextRandom(seeded(seed ^ state.step)), words.length)] ?? 0;
  };
  const slipping = (every: number): Player => (seed, level) =>
    playRound(rules, { seed, level, hand: (state) => (state.total % every === every - 1 ? slip(seed, state) : bot(state)) }).trace;
  return {
    good: (seed, level) => playRound(rules, { seed, level, hand: bot }).trace,
    'slipping now and then': slipping(7),
    'slipping often': slipping(3),
  };
}

/** All that can be given in a step, beside nothing. */
const wordsOf = (inputs: number): number[] =>
  Array.from({ length: inputs + 1 }, (_, word) => word).filter((word) => word && (word & ~inputs) === 0);

/** Players who know only which inputs there are. */
export function others({ inputs, roundSeconds }: VerifiedGame): Record<string, Player> {
  const words = wordsOf(inputs);
  const waiting = (longest: number) => (seed: number) => {
    let random = seeded(seed ^ longest);
    const next = (below: number) => pick((random = nextRandom(random)), below);
    const trace: number[] = [];
    for (let at = 0; at < roundSeconds * STEPS_A_SECOND; ) {
      const wait = next(longest + 1);
      at += wait;
      trace.push(wait, words[next(words.length)] ?? 0);
    }
    return trace;
  };
  return { mashing: waiting(30), restless: waiting(200), dreaming: waiting(1500), idle: () => [] };
}

/** The round of `player`, left at some step. */
export function leaving(player: Player, { roundSeconds }: VerifiedGame): Player {
  return (seed, level) => {
    const until = 1 + pick(nextRandom(seeded(seed)), roundSeconds * STEPS_A_SECOND - 1);
    const trace: number[] = [];
    let last = 0;
    const whole = player(seed, level);
    for (let at = 0; at + 1 < whole.length; at += 2) {
      const step = last + (whole[at] ?? 0);
      if (step >= until) break;
      trace.push(step - last, whole[at + 1] ?? 0);
      last = step;
    }
    return [...trace, until - last, STOP];
  };
}
