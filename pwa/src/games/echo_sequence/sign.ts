/** Beside Neo: whose turn it is, and a bead for each beat of the tune. */

import type { Language } from '../../i18n/text.ts';
import { element, icon } from '../engine/dom.ts';
import { drawSign } from './drum.ts';
import { ECHOING, HAND_OVER, missed, READY, RIGHT, SHOWING, WRONG, type State } from './rules.ts';
import { WORDS } from './words.ts';

const EAR = 'M16 20 a10 10 0 1 1 19 5 c-3 5 -7 6 -7 12 a6 6 0 0 1 -11 3 M22 21 a4 4 0 1 1 7 3';
const HAND = 'M18 26 V10 a4 4 0 0 1 8 0 V24 l9 2 q5 1 4 7 l-2 9 H20 L11 31 q-1-5 7-1 Z';
const BACK = 'M42 24 H8 M20 11 L7 24 L20 37';
const STAR = 'M24 5 L30 18 L44 19.5 L33.5 29 L36.5 43 L24 35.5 L11.5 43 L14.5 29 L4 19.5 L18 18 Z';

export class Sign {
  readonly root = element('div', 'echo-sign');
  readonly #card = element('div', 'echo-card');
  readonly #picture = element('span', 'echo-picture');
  readonly #text = element('span', 'echo-words');
  readonly #beads = element('div', 'echo-beads');
  readonly #language: Language;
  #shown = '';
  #shownBeads = '';

  constructor(language: Language) {
    this.#language = language;
    // Screen readers are told by announcements.
    this.root.setAttribute('aria-hidden', 'true');
    this.#card.append(this.#picture, this.#text);
    this.root.append(this.#card, this.#beads);
  }

  /** Changes only what is shown otherwise than before. */
  show(state: State): void {
    const { phase, phrases, isBack, taps, at } = state;
    if (this.#shown !== `${phrases} ${phase}`) {
      this.#shown = `${phrases} ${phase}`;
      this.root.dataset.turn = TURNS[phase] ?? '';
      this.root.classList.toggle('back', isBack);
      this.#picture.replaceChildren(...this.#pictures(state));
      this.#text.textContent = this.#words(state);
    }
    const beads = `${phrases} ${phase} ${taps.length} ${at}`;
    if (beads === this.#shownBeads) return;
    this.#shownBeads = beads;
    this.#drawBeads(state);
  }

  #pictures(state: State): SVGElement[] {
    const { phase, isBack } = state;
    if (phase === RIGHT) return [icon(STAR, true)];
    if (phase === WRONG) return [drawSign(missed(state))];
    const turn = phase === ECHOING ? [icon(HAND, true)] : phase === READY && isBack ? [] : [icon(EAR)];
    return isBack ? [...turn, icon(BACK)] : turn;
  }

  #words({ phase, isBack }: State): string {
    const { look, your_turn: yours, backwards } = WORDS[this.#language];
    if (phase === RIGHT || phase === WRONG) return '';
    if (phase === ECHOING) return yours;
    return phase === READY && isBack ? backwards : look;
  }

  /** From left to right as they sound; the child fills them from the right where the way is back. */
  #drawBeads({ phase, phrase, isBack, taps, at }: State): void {
    const { length } = phrase;
    const isChild = phase === ECHOING || phase === RIGHT || phase === WRONG;
    this.#beads.replaceChildren(
      ...phrase.map((_, place) => {
        const order = isChild && isBack ? length - 1 - place : place;
        const filled = isChild ? taps.length : phase === READY ? 0 : at + 1;
        const slipped = phase === WRONG && order === taps.length - 1;
        const made = element('i', slipped ? 'slipped' : order < filled ? 'filled' : isChild && order === filled ? 'next' : '');
        return made;
      }),
    );
  }
}

const TURNS: Record<number, string> = { [READY]: 'neo', [SHOWING]: 'neo', [HAND_OVER]: 'neo', [ECHOING]: 'child', [RIGHT]: 'right', [WRONG]: 'wrong' };
