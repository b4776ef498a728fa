/** The rules of all games for an engine without a page: built into rules.js. */

import * as cyberRunner from './cyber_runner/rules.ts';

export interface Replayed {
  score: number;
  right: number;
  total: number;
  /** Sixtieths of a second. */
  steps: number;
  completed: boolean;
  hash: number;
}

export const games = {
  cyber_runner: {
    version: cyberRunner.VERSION,
    replay(seed: number, difficulty: number, trace: readonly number[]): Replayed {
      const { score, right, total, steps, completed, hash } = cyberRunner.replay(seed, difficulty, trace);
      return { score, right, total, steps, completed, hash };
    },
  },
};
