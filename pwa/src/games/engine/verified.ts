/** What verifies a round from its trace, by one version of a game's rules. */

import { replay, resultOf, type Replayed, type RoundState, type Rules } from './rules_round.ts';

export interface VerifiedGame {
  version: string;
  levels: readonly [number, number];
  /** Mask of the bits of its inputs. */
  inputs: number;
  roundSeconds: number;
  /** The most points that a round of so many seconds of play can give, whatever its seed. */
  bound(level: number, seconds: number): number;
  replay(seed: number, level: number, trace: readonly number[]): Replayed;
}

export function verifiedBy<S extends RoundState>(rules: Rules<S>): VerifiedGame {
  const { version, levels, inputs, roundSeconds, bound } = rules;
  return {
    ...{ version, levels, inputs, roundSeconds, bound },
    replay: (seed, level, trace) => resultOf(replay(rules, seed, level, trace)),
  };
}
