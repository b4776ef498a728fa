/** A stepping stone with a paper disc on its front, which shows a picture while Neo stands on it. */

import { element, svg } from '../engine/dom.ts';
import { drawPicture } from '../engine/pictures.ts';
import type { Layout } from './layout.ts';

const INK = '#0E1029';
const LINE = { stroke: INK, 'stroke-width': '2.4', 'stroke-linejoin': 'round', 'stroke-linecap': 'round' };

const STAR = 'M12 2 L15 9 L22 9.6 L16.6 14.3 L18.4 21.5 L12 17.6 L5.6 21.5 L7.4 14.3 L2 9.6 L9 9 Z';
const FLOWER = 'M12 20 C4 19 2 13 3 9 C6 10 7.5 11 8.5 13 C8 9 10 5 12 3 C14 5 16 9 15.5 13 C16.5 11 18 10 21 9 C22 13 20 19 12 20 Z';
/** Neo's foot: three toes and a sole. */
const FOOT = 'M12 11 C17 11 18 20 12 21 C6 20 7 11 12 11 Z M4.5 8.2 a2.3 2.8 0 1 0 4.6 0 a2.3 2.8 0 1 0 -4.6 0 M9.7 5.2 a2.3 2.8 0 1 0 4.6 0 a2.3 2.8 0 1 0 -4.6 0 M14.9 8.2 a2.3 2.8 0 1 0 4.6 0 a2.3 2.8 0 1 0 -4.6 0';

/** What became of it. */
export type Fate = '' | 'found' | 'left' | 'slip' | 'missed';

export interface Look {
  /** Stones back from the one Neo stands on; -1 for the one to come. */
  back: number;
  /** How clearly it shows its picture, 0 to 1. */
  clear: number;
  /** It is the stone to compare with. */
  compared: boolean;
  fate: Fate;
  /** Points just earned on it. */
  gain: number;
}

export class Stone {
  readonly root = element('div', 'trail-stone');
  readonly #picture: SVGElement = svg('g', { class: 'trail-picture' });
  readonly #gain = element('span', 'trail-gain');
  #drawn = false;
  #shown = '';

  constructor() {
    const badge = (name: string, d: string) => svg('svg', { class: `trail-badge ${name}`, x: '66', y: '34', width: '27', height: '27', viewBox: '0 0 24 24' }, svg('path', { d, ...LINE, 'stroke-width': '2' }));
    this.root.append(
      svg(
        'svg',
        { viewBox: '0 0 100 100', 'aria-hidden': 'true', focusable: 'false' },
        svg('ellipse', { class: 'trail-ripple', cx: '50', cy: '90', rx: '58', ry: '12' }),
        svg('path', { d: 'M5 36 C0 58 -2 82 8 91 Q50 103 92 91 C102 82 100 58 95 36 Z', fill: '#6A6DA0', ...LINE }),
        svg('ellipse', { cx: '50', cy: '36', rx: '45', ry: '14', fill: '#A9ACD6', ...LINE }),
        svg('svg', { class: 'trail-foot', x: '39', y: '25', width: '22', height: '22', viewBox: '0 0 24 24' }, svg('path', { d: FOOT, fill: INK })),
        svg('circle', { class: 'trail-halo', cx: '50', cy: '66', r: '33' }),
        svg('circle', { class: 'trail-disc', cx: '50', cy: '66', r: '29' }),
        this.#picture,
        badge('trail-star', STAR),
        badge('trail-flower', FLOWER),
      ),
      this.#gain,
    );
  }

  /** The picture, once it is known. */
  picture(picture: number): void {
    if (this.#drawn) return;
    this.#drawn = true;
    const drawn = drawPicture(picture);
    for (const [name, value] of [['x', '29'], ['y', '45'], ['width', '42'], ['height', '42']] as const) drawn.setAttribute(name, value);
    this.#picture.append(drawn);
  }

  /** Changes only what is shown otherwise than before. */
  show({ back, clear, compared, fate, gain }: Look, { at }: Layout, room: { width: number; height: number }): void {
    const { x, y, scale } = at(back);
    const now = [Math.round(x * room.width), Math.round(y * room.height), scale, back, clear, compared, fate, gain].join(' ');
    if (now === this.#shown) return;
    this.#shown = now;
    const { style, dataset, classList } = this.root;
    style.transform = `translate(${Math.round(x * room.width)}px, ${Math.round(y * room.height)}px) scale(${scale})`;
    style.zIndex = String(10 - back);
    dataset.back = back < 0 ? 'next' : String(back);
    // What became of a stone stays.
    dataset.fate = (back > 0 && dataset.fate) || fate;
    classList.toggle('compared', compared);
    this.#picture.style.opacity = String(clear);
    this.#gain.textContent = gain > 0 ? `+${gain}` : '';
  }
}
