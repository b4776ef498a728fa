/** What is heard after a step: sounds, and words for screen readers. */

import type { Place } from '../engine/game.ts';
import { PICTURE_NAMES } from '../engine/pictures.ts';
import type { State } from './rules.ts';
import { SAME, WALKS } from './rules_trail.ts';
import { WORDS } from './words.ts';

export class Teller {
  readonly #place: Place;
  #resting = false;
  #shown: number;
  #total: number;
  /** Said with the next stone: a stone is missed just before that comes. */
  #missed = '';

  constructor(place: Place, { shown, total }: State) {
    this.#place = place;
    this.#shown = shown;
    this.#total = total;
  }

  /** Once after each step. */
  after(state: State): void {
    if (state.total !== this.#total) this.#settled(state);
    if (state.resting !== this.#resting) this.#rests(state);
    if (state.shown !== this.#shown) this.#came(state);
    this.#total = state.total;
    this.#resting = state.resting;
    this.#shown = state.shown;
  }

  #came({ pictures, shown }: State): void {
    const { sounds, language, announce } = this.#place;
    sounds.hop();
    announce(`${this.#missed}${PICTURE_NAMES[language][pictures[shown - 1] ?? 0] ?? ''}`);
    this.#missed = '';
  }

  #rests({ resting, walk, back }: State): void {
    if (!resting || walk === WALKS) return;
    const { sounds, language, announce } = this.#place;
    announce(`${this.#missed}${WORDS[language].walk[back] ?? ''}`);
    this.#missed = '';
    for (let note = 0; note <= back; note += 1) sounds.note(note % back === 0 ? 7 : 0, { at: note * 0.18, seconds: 0.3, loud: 0.3 });
  }

  #settled({ rights, reaction, kinds, shown, chain, finds }: State): void {
    const { sounds, language, announce } = this.#place;
    const { yes, differed, was_same } = WORDS[language];
    const pressed = (reaction[shown - 1] ?? -1) >= 0;
    if (rights[shown - 1] === 1) {
      if (pressed) {
        sounds.good(chain);
        announce(yes);
      } else if (finds !== 0) sounds.patience();
    } else if (kinds[shown - 1] === SAME) {
      sounds.note(0, { seconds: 0.5, loud: 0.3 });
      this.#missed = `${was_same} `;
    } else {
      sounds.oops();
      announce(differed);
    }
  }
}
