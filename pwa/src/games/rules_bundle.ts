/** The rules of all games for an engine without a DOM. Built into rules.js. A game is in it when its
 * folder has a `rules_verified.ts`. */

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

export interface VerifiedGame {
  version: string;
  /** The lowest and the highest level that a round may start at. */
  levels: readonly [number, number];
  /** Every bit that an input may have; in a trace, 8 marks the step at which the child left. */
  inputs: number;
  roundSeconds: number;
  /** The most points that a round of so many seconds of play can give, whatever its seed. */
  bound(difficulty: number, seconds: number): number;
  replay(seed: number, difficulty: number, trace: readonly number[]): Replayed;
}

const found = import.meta.glob<VerifiedGame>('./*/rules_verified.ts', { eager: true, import: 'verified' });

/** By game id, which is the name of the folder. */
export const games: Record<string, VerifiedGame> = Object.fromEntries(
  Object.entries(found).map(([path, game]) => [path.split('/')[1], game]),
);
