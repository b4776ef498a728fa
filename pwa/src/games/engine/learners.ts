/** Simulated children, for tests and benchmarks: how a game's level follows them from round to round. */

import type { Game } from './game.ts';
import { playRound, type Hand } from './play.ts';
import { nextRandom, pick, seeded } from './rules_random.ts';
import type { RoundState } from './rules_round.ts';

/** A player who slips in a share of the tasks, by percent at the level now. `levelNow` reads the level
 * at which the state asks; `slip` is what a slip does. */
export function slipping<S extends RoundState>(
  { bot }: Pick<Game<S>, 'bot'>,
  { seed, percentAt, levelNow, slip }: { seed: number; percentAt: (level: number) => number; levelNow: (state: S) => number; slip: Hand<S> },
): Hand<S> {
  return (state) => {
    const dice = pick(nextRandom(seeded(seed ^ Math.imul(state.total + 1, 0x9e3779b1))), 100);
    return dice < percentAt(levelNow(state)) ? slip(state) : bot(state);
  };
}

export interface LearnedRound {
  /** At the start of the round. */
  level: number;
  next: number;
  /** 0 to 1. */
  share: number;
  score: number;
}

/** Rounds one after another, each at the level that the one before suggested. */
export function rounds<S extends RoundState>({ rules }: Pick<Game<S>, 'rules'>, count: number, seed: number, hand: Hand<S>, first = rules.levels[0]): LearnedRound[] {
  const played: LearnedRound[] = [];
  let level = first;
  for (let n = 0; n < count; n += 1) {
    const { state } = playRound(rules, { seed: seed + Math.imul(n, 7919), level, hand });
    const next = rules.next(state);
    played.push({ level: state.level, next, share: state.total === 0 ? 0 : state.right / state.total, score: state.score });
    level = next;
  }
  return played;
}
