/** What a game gives to the engine, and what the engine gives to a game's view. A game knows
 * nothing of storage, the server or React. */

import type { Language, Text } from '../../i18n/text.ts';
import type { FinishedRound, Stimulus } from '../types.ts';
import type { RoundState, Rules } from './rules_round.ts';
import type { Sounds } from './sound.ts';

export interface Game<S extends RoundState> {
  /** The folder's name, as in the catalogue. */
  id: string;
  rules: Rules<S>;
  words: Record<Language, GameWords>;
  controls: Controls;
  view(place: Place, state: S): View<S>;
  /** What the child was asked, in order, with the answers. */
  stimuli(state: S): Stimulus[];
  /** Counters for praise and for the goals of the day: `waited` is how often the child left
   * alone what had to be left alone. */
  effort(state: S): Record<string, number>;
  /** The length of the unbroken chain of right answers now. */
  chain(state: S): number;
  /** One or two sentences that praise what was done; each is true of this round. */
  praise(round: Played): Said[];
  /** What to try next time. */
  tip(round: Played): Said;
  /** The input of a player who plays well and without hurry, for the next step. It plays the preview
   * and shows the way in the tutorial. */
  bot(state: S): number;
  tutorial: Tutorial;
}

export interface GameWords {
  /** The label of the picture or board: what it is, and the keys. */
  field: string;
}

/** A finished round without its sentences. */
export type Played = Omit<FinishedRound, 'feedback'>;

/** A sentence in every language. */
export type Sentence = Record<Language, Text>;

export interface Said {
  sentence: Sentence;
  n?: number;
}

export const say = (sentence: Sentence, n?: number): Said => (n === undefined ? { sentence } : { sentence, n });

/** A first round of some 20 seconds by the real rules. Before each input of the bot time stands
 * still until the child does it too, or for some seconds. */
export interface Tutorial {
  seed: number;
  level: number;
  seconds: number;
  /** Spoken and shown from a moment on: short sentences, in order. */
  says: readonly { fromSeconds: number; sentence: Record<Language, string> }[];
}

/** How keys, fingers, gamepads and a single switch become inputs. A board whose choices are buttons
 * needs none of it: leave out what does not apply. */
export interface Controls {
  /** Each input is an answer: of two before the same step, the second waits for the next step. */
  inTurn?: boolean;
  /** By KeyboardEvent.code. */
  keys?: Record<string, number>;
  /** By button of the standard gamepad (0 is A, 12 to 15 the cross: up, down, left, right). */
  pad?: Record<number, number>;
  swipe?: { left: number; right: number; up: number };
  /** The input of a finger that comes down at a place of the picture, 0 to 1 from its left and top. */
  tap?(x: number, y: number): number;
  /** What a single switch chooses from, one after another. A game with one input needs none: there any
   * press is that input. */
  choices?: readonly { input: number; label: Record<Language, string>; path: string }[];
}

/** Where a view is, and what it may use. */
export interface Place {
  /** Positioned, fills the screen below the bar; the view adds its elements to it. */
  root: HTMLElement;
  language: Language;
  /** Reduced motion: no travel, shake or sparks; fades stay. */
  calm: boolean;
  /** False in a preview: nothing can be focused or pressed. */
  live: boolean;
  sounds: Sounds;
  /** Answer with an input, as a button of a board does. */
  act(input: number): void;
  /** Tell screen readers, politely. */
  announce(text: string): void;
  /** Say aloud, where the child has the voice on. For what a child who cannot read must know. */
  speak(text: string): void;
}

export interface View<S> {
  /** After each step: sounds, sparks, announcements for what happened in it. Answers for how many
   * milliseconds time should stand still (a hit), or nothing. */
  after?(state: S, input: number): number | void;
  /** Draw. `share` is the part of the next step that has passed, 0 to 1; `ms` the time since the last
   * frame. A board changes elements only where the state changed. */
  draw(state: S, share: number, ms: number): void;
  resize?(): void;
  /** Where the ghost hand shows an input, in CSS pixels from the root's left and top. */
  point(state: S, input: number): { x: number; y: number };
  remove(): void;
}
