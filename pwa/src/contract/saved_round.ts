/** What it takes to go on with a round: the same rules, seed and inputs give the same round. */
export interface SavedRound {
  /** Of the rules. */
  version: string;
  seed: number;
  difficulty: number;
  /** How far it went. */
  steps: number;
  /** The inputs until then, in the game's own coding. */
  trace: number[];
}
