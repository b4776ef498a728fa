/** One card: a real button with a lantern on its back and a picture on its face. */

import type { Language } from '../../i18n/text.ts';
import type { Board } from '../engine/board.ts';
import { element, svg } from '../engine/dom.ts';
import { drawPicture } from '../engine/pictures.ts';
import { turn } from './rules.ts';
import { FORMS } from './rules_levels.ts';
import { cardName } from './words.ts';

/** What a card shows. */
export interface Shown {
  /** -1 while it lies face down. */
  picture: number;
  isFound: boolean;
  /** What happened to it: found as a pair, seen for the first time, or turned without need. */
  effect: '' | 'pair' | 'new' | 'slip' | 'swap';
}

const STAR = 'M12 2 L15 9 L22 9.6 L16.6 14.3 L18.4 21.5 L12 17.6 L5.6 21.5 L7.4 14.3 L2 9.6 L9 9 Z';
const ARROWS = 'M4 5 H14 V1.5 L21 7 L14 12.5 V9 H4 Z M20 15 H10 V11.5 L3 17 L10 22.5 V19 H20 Z';
const EYE = 'M1.5 12 C6 4.5 18 4.5 22.5 12 C18 19.5 6 19.5 1.5 12 Z M12 8.6 a3.4 3.4 0 1 0 .1 0';

export class Card {
  readonly button: HTMLButtonElement;
  readonly #face = element('span', 'pairs-face');
  readonly #gain = element('span', 'pairs-gain');
  readonly #of: { place: number; cards: number; language: Language };
  #drawn = -1;
  #shown = '';

  constructor(board: Board, of: { place: number; cards: number; language: Language }) {
    this.#of = of;
    this.button = board.choice('pairs-card', turn(of.place));
    this.button.dataset.testid = `card-${of.place + 1}`;
    this.button.style.setProperty('--n', String(of.place));
    const back = element('span', 'pairs-back');
    back.append(drawLantern());
    const turner = element('span', 'pairs-turner');
    turner.append(back, this.#face);
    const badge = (name: string, path: string) => {
      const made = element('span', `pairs-badge ${name}`);
      made.append(svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, svg('path', { d: path })));
      return made;
    };
    this.#gain.setAttribute('aria-hidden', 'true');
    this.button.append(turner, badge('pairs-star', STAR), badge('pairs-eye', EYE), badge('pairs-arrows', ARROWS), this.#gain);
  }

  /** Changes only what is shown otherwise than before. */
  show({ picture, isFound, effect }: Shown, gain: number, canPress: boolean): void {
    const now = `${picture} ${isFound ? 1 : 0} ${effect} ${gain} ${canPress ? 1 : 0}`;
    if (now === this.#shown) return;
    this.#shown = now;
    const { button } = this;
    // A card that turns back keeps its picture until it lies.
    if (picture >= 0 && picture !== this.#drawn) {
      this.#drawn = picture;
      const form = picture % FORMS;
      this.#face.replaceChildren(drawPicture((picture - form) / FORMS, form));
    }
    button.dataset.side = picture < 0 ? 'down' : 'up';
    button.dataset.effect = effect;
    button.classList.toggle('found', isFound);
    this.#gain.textContent = gain > 0 ? `+${gain}` : '';
    button.setAttribute('aria-label', cardName(this.#of.language, { ...this.#of, picture, isFound }));
    if (canPress) button.removeAttribute('aria-disabled');
    else button.setAttribute('aria-disabled', 'true');
  }
}

/** The closed paper lantern on a card's back. */
function drawLantern(): SVGElement {
  const line = { stroke: '#1F2150', 'stroke-width': '3', 'stroke-linejoin': 'round', 'stroke-linecap': 'round' };
  return svg(
    'svg',
    { viewBox: '0 0 64 72', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { d: 'M32 2 V10', fill: 'none', ...line }),
    svg('path', { d: 'M20 16 C8 24 8 48 20 56 H44 C56 48 56 24 44 16 Z', fill: '#B9A3FF', ...line }),
    svg('path', { d: 'M26 17 C20 26 20 46 26 55 M38 17 C44 26 44 46 38 55', fill: 'none', ...line, 'stroke-width': '2' }),
    svg('path', { d: 'M22 10 H42 V16 H22 Z M23 56 H41 V61 H23 Z', fill: '#FFC53D', ...line }),
    svg('path', { d: 'M28 61 V69 M36 61 V69', fill: 'none', ...line }),
  );
}
