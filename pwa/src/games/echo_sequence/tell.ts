/** Sounds and announcements for what happens in a round. */

import { write } from '../../i18n/text.ts';
import type { Place } from '../engine/game.ts';
import { ECHOING, missed, READY, RIGHT, WRONG, type State } from './rules.ts';
import { drumName, WORDS } from './words.ts';

/** By drum, in semitones: any tune is pleasant. */
const TONES = [0, 2, 4, 7, 9, 12] as const;

export class Teller {
  readonly #place: Place;
  #phase: number;
  #at: number;
  #taps: number;
  #drums: number;

  constructor(place: Place, { phase, at, taps, drums }: State) {
    this.#place = place;
    this.#phase = phase;
    this.#at = at;
    this.#taps = taps.length;
    this.#drums = drums;
  }

  after(state: State): void {
    const { phase, at, taps, drums, phrase } = state;
    if (at > this.#at) this.#sound(phrase[at], 0.55);
    if (taps.length > this.#taps && phase !== WRONG) this.#sound(taps[taps.length - 1], 0.4);
    if (phase !== this.#phase) this.#begins(state);
    this.#phase = phase;
    this.#at = at;
    this.#taps = taps.length;
    this.#drums = drums;
  }

  #sound(drum: number | undefined, seconds: number, at = 0): void {
    this.#place.sounds.note(TONES[drum ?? 0] ?? 0, { seconds, at });
  }

  #begins(state: State): void {
    const { sounds, language, announce, speak } = this.#place;
    const words = WORDS[language];
    const { phase, isBack, drums, phrase } = state;
    if (phase === READY) {
      const told = drums > this.#drums ? [write(language, words.new_drum, { drum: drumName(language, drums - 1) })] : [];
      if (told.length > 0) sounds.hop();
      if (isBack) {
        told.push(words.backwards);
        speak(words.backwards);
      }
      if (told.length > 0) announce(told.join(' '));
    } else if (phase === ECHOING) {
      const notes = phrase.map((drum) => drum + 1).join(', ');
      announce(write(language, isBack ? words.turn_back : words.turn, { notes }));
    } else if (phase === RIGHT) {
      // After the last tap has rung.
      sounds.note(16, { at: 0.28, seconds: 0.3, loud: 0.3 });
      sounds.note(19, { at: 0.38, seconds: 0.45, loud: 0.3 });
      announce(words.right);
    } else if (phase === WRONG) {
      sounds.oops();
      this.#sound(missed(state), 0.5, 0.6);
      announce(write(language, words.it_was, { drum: drumName(language, missed(state)) }));
    }
  }
}
