/** What verifies a round of the game from its trace. */

import type { Replayed, VerifiedGame } from '../rules_bundle.ts';
import { bound, JUMP, LEFT, replay as replayRules, RIGHT, ROUND_SECONDS, VERSION } from './rules.ts';
import { accuracyOf, secondsOf } from './rules_measure.ts';

export const verified: VerifiedGame = {
  version: VERSION,
  levels: [1, 5],
  inputs: LEFT | RIGHT | JUMP,
  roundSeconds: ROUND_SECONDS,
  bound,
  replay(seed: number, difficulty: number, trace: readonly number[]): Replayed {
    const { score, right, total, steps, completed, hash } = replayRules(seed, difficulty, trace);
    return {
      score,
      accuracy: accuracyOf(right, total),
      duration: secondsOf(steps),
      completed,
      right,
      total,
      hash,
    };
  },
};
