/** Players that record rounds for tests: a game brings those that play well, `others` know only which
 * inputs there are. */

import { nextRandom, pick, seeded } from './cyber_runner/rules_random.ts';
import type { VerifiedGame } from './rules_bundle.ts';

/** The trace of a round that starts with this seed and level. */
export type Player = (seed: number, level: number) => number[];

const STEPS_A_SECOND = 60;
/** Only in a trace: the child left instead of this step. */
const STOP = 8;

export function others({ inputs, roundSeconds }: VerifiedGame): Record<string, Player> {
  const words = Array.from({ length: inputs + 1 }, (_, word) => word).filter((word) => word && (word & ~inputs) === 0);
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
