/** Enough to resume a round: the same rules, seed and inputs give the same round. */
export interface SavedRound {
  /** Version of the rules. */
  version: string;
  seed: number;
  difficulty: number;
  /** Steps played. */
  steps: number;
  /** Inputs so far, in the game's own encoding. */
  trace: number[];
}
