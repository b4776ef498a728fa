/** The rules of all games for an engine without a DOM. Built into rules.js. */

import * as cyberRunner from './cyber_runner/rules.ts';
import { accuracyOf, secondsOf } from './cyber_runner/rules_measure.ts';

/** A replayed round, rounded like the session that it belongs to. */
export interface Replayed {
  score: number;
  /** 0 to 1. */
  accuracy: number;
  /** Seconds. */
  duration: number;
  completed: boolean;
  right: number;
  total: number;
  /** Hash of all answers; the same in every engine. */
  hash: number;
}

export const games = {
  cyber_runner: {
    version: cyberRunner.VERSION,
    roundSeconds: cyberRunner.ROUND_SECONDS,
    bound: cyberRunner.bound,
    replay(seed: number, difficulty: number, trace: readonly number[]): Replayed {
      const { score, right, total, steps, completed, hash } = cyberRunner.replay(seed, difficulty, trace);
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
  },
};
