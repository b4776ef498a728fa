/** Simulated children, for tests and benchmarks: how a game's level follows them from round to round. */

import type { Game } from './game.ts';
import { playRound, type Hand } from './play.ts';
import { nextRandom, pick, seeded } from './rules_random.ts';
import { STEPS_A_SECOND, type RoundState } from './rules_round.ts';

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
  /** Of right answers, 0 to 1; `late` is that of the second half of the round. */
  share: number;
  late: number;
  score: number;
}

/** Right answers and all of those that the level follows. */
export type Count<S extends RoundState> = (state: S) => { right: number; total: number };

/** Rounds one after another, each at the level that the one before suggested. `handOf` gives the hand for
 * the round of that seed. */
export function rounds<S extends RoundState>(
  { rules }: Pick<Game<S>, 'rules'>,
  count: number,
  first: number,
  handOf: (seed: number) => Hand<S>,
  answers: Count<S> = (state) => state,
): LearnedRound[] {
  const half = Math.floor((rules.roundSeconds * STEPS_A_SECOND) / 2);
  const played: LearnedRound[] = [];
  let level = rules.levels[0];
  for (let n = 0; n < count; n += 1) {
    const seed = first + Math.imul(n, 7919);
    const hand = handOf(seed);
    let before = { right: 0, total: 0 };
    const watched: Hand<S> = (state) => {
      if (state.step === half) {
        const { right, total } = answers(state);
        before = { right, total };
      }
      return hand(state);
    };
    const { state } = playRound(rules, { seed, level, hand: watched });
    const { right, total } = answers(state);
    const next = rules.next(state);
    played.push({
      level: state.level,
      next,
      share: shareOf(right, total),
      late: shareOf(right - before.right, total - before.total),
      score: state.score,
    });
    level = next;
  }
  return played;
}

const shareOf = (right: number, total: number) => (total === 0 ? 0 : right / total);
