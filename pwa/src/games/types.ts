/** What a game gives to the app, and the app to a game. */

import type { SavedRound } from '../contract/saved_round.ts';
import type { Language } from '../i18n/text.ts';

export type { SavedRound };

export interface Stimulus {
  /** Milliseconds from the start of the round. */
  t: number;
  lane: number;
  kind: 'orb' | 'obstacle' | 'decoy';
  right: boolean;
  reactionMs: number | null;
}

export interface Effort {
  orbs: number;
  dodged: number;
  decoysLeft: number;
  longestChain: number;
}

export interface FinishedRound {
  score: number;
  durationS: number;
  /** 0 to 1. */
  accuracy: number;
  completed: boolean;
  /** 1 to 5, as played. */
  difficulty: number;
  /** 1 to 5, as the staircase wants the next round; `stepReason` says why. */
  nextDifficulty: number;
  stepReason: string;
  seed: number;
  /** Delta-coded inputs, enough to play the round again. */
  trace: number[];
  reactionTimesMs: number[];
  stimuli: Stimulus[];
  effort: Effort;
  gameVersion: string;
  /** What the child is told: praise for what was done, then one next step. */
  feedback: Record<Language, string>;
}

export interface GameOptions {
  seed: number;
  difficulty: number;
  language: Language;
  sound: boolean;
  reducedMotion: boolean;
  /** A round to go on with, paused at first; it brings its own seed and difficulty. */
  resume?: SavedRound | undefined;
  onFinish(round: FinishedRound): void;
  /** The child left: what was played where that is worth keeping, else null. */
  onLeave(partial: FinishedRound | null): void;
}

export interface RunningGame {
  pause(): void;
  resume(): void;
  /** The round as it stands, and as if it were left now (null where that is too short to keep); null
   * once it is over. */
  save(): { saved: SavedRound; partial: FinishedRound | null } | null;
  destroy(): void;
}

export interface GameModule {
  /** Of the rules; a round of another version cannot go on. */
  version: string;
  mount(host: HTMLElement, options: GameOptions): RunningGame;
  /** Draw the moving picture of how to play; the returned function stops it. */
  preview(canvas: HTMLCanvasElement, options: { reducedMotion: boolean }): () => void;
}
