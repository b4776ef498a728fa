/** What is heard after a step: sounds, and words for screen readers. */

import { write } from '../../i18n/text.ts';
import type { Place } from '../engine/game.ts';
import { CLEARED, DEALING, DIFFERING, LOOKING, SWAPPING } from './rules.ts';
import type { State } from './rules_board.ts';
import { pictureName, WORDS } from './words.ts';

/** Whatever a step can change that is told. */
interface Before {
  phase: number;
  first: number;
  total: number;
}

export class Teller {
  readonly #place: Place;
  readonly #before: Before;

  constructor(place: Place, { step, phase, first, total }: State) {
    this.#place = place;
    // A round that begins has its first board to tell of.
    this.#before = { phase: step === 0 ? CLEARED : phase, first, total };
  }

  /** Once after each step. */
  after(state: State): void {
    const before = this.#before;
    if (state.total !== before.total) this.#turned(state);
    else if (state.first !== before.first && state.first >= 0) this.#opened(state);
    if (state.phase !== before.phase) this.#begins(state);
    before.phase = state.phase;
    before.first = state.first;
    before.total = state.total;
  }

  #opened(state: State): void {
    this.#place.sounds.note(-5, { seconds: 0.14, loud: 0.3 });
    this.#place.announce(`${this.#nameAt(state, state.first)}.`);
  }

  #turned(state: State): void {
    const { sounds, language, announce } = this.#place;
    const { pair, differ, cleared } = WORDS[language];
    const name = this.#nameAt(state, state.second);
    if (state.phase !== DIFFERING) {
      sounds.good(state.chain);
      announce(`${name}. ${state.phase === CLEARED ? cleared : pair}`);
      return;
    }
    announce(`${name}. ${differ}`);
    if (state.asked.right[state.total - 1] === 0) return sounds.oops();
    // Two cards that were new: seen, and good to know.
    sounds.note(0, { seconds: 0.2, loud: 0.3 });
    sounds.note(2, { at: 0.1, seconds: 0.25, loud: 0.3 });
  }

  #begins(state: State): void {
    const { sounds, language, announce } = this.#place;
    const { board, look, swap } = WORDS[language];
    if (state.phase === DEALING) announce(write(language, board, { n: state.left }));
    else if (state.phase === LOOKING) {
      const names = Array.from({ length: state.cards }, (_, place) => `${place + 1} ${this.#nameAt(state, place)}`);
      announce(`${look} ${names.join(', ')}.`);
    } else if (state.phase === SWAPPING) {
      sounds.hop();
      const [n, m] = [state.swapA, state.swapB].sort((a, b) => a - b);
      announce(write(language, swap, { n: (n ?? 0) + 1, m: (m ?? 0) + 1 }));
    } else if (state.phase === CLEARED) {
      for (let note = 0; note < 3; note += 1) sounds.note([12, 16, 19][note] ?? 12, { at: 0.12 + note * 0.1, loud: 0.35 });
    }
  }

  #nameAt(state: State, place: number): string {
    return pictureName(this.#place.language, state.picture[place] ?? 0);
  }
}
