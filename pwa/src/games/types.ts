/** The interface between the app and its games. */

import type { SavedRound } from '../contract/saved_round.ts';
import type { Language } from '../i18n/text.ts';

export type { SavedRound };

/** Something that the child was asked. */
export interface Stimulus {
  /** Milliseconds from the start of the round. */
  t: number;
  kind: string;
  right: boolean;
  /** From when it could be seen to the answer; null without an answer. */
  reactionMs: number | null;
  /** Whole numbers that the game adds: a lane, the two numbers of a sum. */
  data: number[];
}

export interface FinishedRound {
  score: number;
  durationS: number;
  /** 0 to 1. */
  accuracy: number;
  completed: boolean;
  /** The game's level at the start of the round. */
  difficulty: number;
  /** The level to start the next round at; `stepReason` says why. */
  nextDifficulty: number;
  stepReason: string;
  seed: number;
  /** Delta-coded inputs, from which the round can be replayed. */
  trace: number[];
  reactionTimesMs: number[];
  stimuli: Stimulus[];
  /** Counters of the game, and `waited`: times that something was left alone as it had to be. */
  effort: Record<string, number>;
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
  /** Speak instructions where there is an offline voice of the language. */
  voice: boolean;
  leftHanded: boolean;
  /** Choices are offered one after another; any press takes the one that is shown. */
  oneSwitch: boolean;
  /** Show the tutorial first. */
  tutorial: boolean;
  /** The tutorial has ended or was skipped. */
  onTutorialSeen(): void;
  /** A round to continue, paused at first, with its own seed and difficulty. */
  resume?: SavedRound | undefined;
  onFinish(round: FinishedRound): void;
  /** The child left. `partial` is what was played; null if that is too short to keep. */
  onLeave(partial: FinishedRound | null): void;
}

export interface RunningGame {
  pause(): void;
  resume(): void;
  /** The round so far, and its result if it were left now (null if too short to keep). Null while the
   * tutorial runs and once the round is over. */
  save(): { saved: SavedRound; partial: FinishedRound | null } | null;
  destroy(): void;
}

export interface GameModule {
  /** Version of the rules. A round of another version cannot be resumed. */
  version: string;
  mount(host: HTMLElement, options: GameOptions): RunningGame;
  /** Show the game being played; the returned function stops it. */
  preview(host: HTMLElement, options: { language: Language; reducedMotion: boolean }): () => void;
}
