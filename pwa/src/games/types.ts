/** The interface between the app and its games. */

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

interface Effort {
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
  /** 1 to 5: the staircase's choice for the next round; `stepReason` says why. */
  nextDifficulty: number;
  stepReason: string;
  seed: number;
  /** Delta-coded inputs, from which the round can be replayed. */
  trace: number[];
  reactionTimesMs: number[];
  stimuli: Stimulus[];
  effort: Effort;
  gameVersion: string;
  /** Shown to the child: praise for what was done, then one tip. */
  feedback: Record<Language, string>;
}

export interface GameOptions {
  seed: number;
  difficulty: number;
  language: Language;
  sound: boolean;
  reducedMotion: boolean;
  /** A round to continue, paused at first, with its own seed and difficulty. */
  resume?: SavedRound | undefined;
  onFinish(round: FinishedRound): void;
  /** The child left. `partial` is what was played; null if that is too short to keep. */
  onLeave(partial: FinishedRound | null): void;
}

export interface RunningGame {
  pause(): void;
  resume(): void;
  /** The round so far, and its result if it were left now (null if too short to keep). Null once
   * it is over. */
  save(): { saved: SavedRound; partial: FinishedRound | null } | null;
  destroy(): void;
}

export interface GameModule {
  /** Version of the rules. A round of another version cannot be resumed. */
  version: string;
  mount(host: HTMLElement, options: GameOptions): RunningGame;
  /** Draw an animated preview of the game; the returned function stops it. */
  preview(canvas: HTMLCanvasElement, options: { reducedMotion: boolean }): () => void;
}
