/** One drum: a real button with a face, a form of its own and a sign on its skin. */

import type { Language } from '../../i18n/text.ts';
import type { Board } from '../engine/board.ts';
import { svg } from '../engine/dom.ts';
import { tapOf } from './rules.ts';
import { drumName } from './words.ts';

/** Asleep while the tune plays; `sings` in it; `tapped` by the child, `slip` at the wrong time, and
 * `was` the right one then. */
export type Look = 'asleep' | 'sings' | 'awake' | 'tapped' | 'slip' | 'was' | 'cheers';

const INK = '#0E1029';
const PAPER = '#FFF8EC';
const LINE = { stroke: INK, 'stroke-width': '4', 'stroke-linejoin': 'round', 'stroke-linecap': 'round' };

interface Form {
  fill: string;
  body: string;
  /** Around the middle of the skin. */
  sign: string;
}

/** In the order of the names in words.ts. */
const FORMS: readonly Form[] = [
  { fill: '#FF7A6B', body: 'M10 36 C2 60 8 84 18 94 Q50 106 82 94 C92 84 98 60 90 36 Z', sign: 'M-12 0 A12 12 0 1 0 12 0 A12 12 0 1 0 -12 0 Z' },
  { fill: '#FFC53D', body: 'M10 36 L24 96 Q50 106 76 96 L90 36 Z', sign: 'M0 -13 L15 11 H-15 Z' },
  { fill: '#3DDCB0', body: 'M10 36 V92 Q50 108 90 92 V36 Z', sign: 'M-11 -11 H11 V11 H-11 Z' },
  { fill: '#B9A3FF', body: 'M10 36 C20 58 20 72 8 94 Q50 108 92 94 C80 72 80 58 90 36 Z', sign: 'M0 -15 L16 0 L0 15 L-16 0 Z' },
  { fill: '#7FC4E8', body: 'M10 36 C8 84 32 102 50 102 C68 102 92 84 90 36 Z', sign: 'M0 -15 L4.4 -5.4 L15 -4.4 L7 2.6 L9.4 13 L0 7.4 L-9.4 13 L-7 2.6 L-15 -4.4 L-4.4 -5.4 Z' },
  { fill: '#F7A8D0', body: 'M10 36 L4 90 Q50 110 96 90 L90 36 Z', sign: 'M0 14 C-20 0 -16 -13 -7 -13 C-3 -13 0 -10 0 -7 C0 -10 3 -13 7 -13 C16 -13 20 0 0 14 Z' },
];

const RAYS = 'M50 2 V-10 M20 7 L13 -4 M80 7 L87 -4 M2 26 L-9 20 M98 26 L109 20 M0 60 H-12 M100 60 H112 M8 98 L-2 106 M92 98 L102 106';
const CLOSED = 'M34 66 q6 5 12 0 M54 66 q6 5 12 0';

const formOf = (drum: number): Form => FORMS[drum] ?? FORMS[0]!;

/** The sign of a drum alone, in a square of 48 units. */
export function drawSign(drum: number): SVGElement {
  const { fill, sign } = formOf(drum);
  return svg('svg', { viewBox: '0 0 48 48', 'aria-hidden': 'true' }, svg('path', { d: sign, fill, transform: 'translate(24 24) scale(1.3)', ...LINE, 'stroke-width': '3' }));
}

export class Drum {
  readonly button: HTMLButtonElement;
  #look = '';

  constructor(board: Board, drum: number, language: Language) {
    this.button = board.choice('echo-drum', tapOf(drum));
    this.button.dataset.testid = `drum-${drum + 1}`;
    this.button.style.setProperty('--n', String(drum));
    this.button.setAttribute('aria-label', drumName(language, drum));
    this.button.append(drawDrum(drum));
  }

  /** Changes only what is shown otherwise than before. */
  show(look: Look): void {
    if (look === this.#look) return;
    this.#look = look;
    this.button.dataset.look = look;
    if (look === 'awake' || look === 'tapped') this.button.removeAttribute('aria-disabled');
    else this.button.setAttribute('aria-disabled', 'true');
  }
}

function drawDrum(drum: number): SVGElement {
  const { fill, body, sign } = formOf(drum);
  const number = svg('text', { x: '50', y: '95', 'font-size': '15', 'text-anchor': 'middle', fill: INK });
  number.textContent = String(drum + 1);
  const eye = (x: number) => [
    svg('circle', { cx: String(x), cy: '66', r: '6.5', fill: PAPER, ...LINE, 'stroke-width': '2.5' }),
    svg('circle', { cx: String(x), cy: '66', r: '3', fill: INK }),
  ];
  const line = { fill: 'none', ...LINE, 'stroke-width': '3' };
  return svg(
    'svg',
    { viewBox: '-6 -2 112 112', 'aria-hidden': 'true', focusable: 'false' },
    svg('circle', { class: 'echo-glow', cx: '50', cy: '52', r: '62', fill: fill }),
    svg('path', { class: 'echo-rays', d: RAYS, fill: 'none', stroke: '#FFC53D', 'stroke-width': '6', 'stroke-linecap': 'round' }),
    svg(
      'g',
      { class: 'echo-body' },
      svg('path', { class: 'echo-shell', d: body, fill, ...LINE }),
      svg('path', { d: 'M11 46 Q50 70 89 46', fill: 'none', stroke: INK, 'stroke-width': '3', opacity: '.45' }),
      svg('ellipse', { class: 'echo-skin', cx: '50', cy: '34', rx: '42', ry: '22', fill: PAPER, ...LINE }),
      svg('path', { d: sign, fill, transform: 'translate(50 34)', ...LINE, 'stroke-width': '3' }),
      svg('path', { class: 'echo-closed', d: CLOSED, ...line }),
      svg('g', { class: 'echo-open' }, ...eye(40), ...eye(60)),
      svg('path', { class: 'echo-smile', d: 'M45 77 q5 5 10 0', ...line }),
      svg('ellipse', { class: 'echo-sings', cx: '50', cy: '79', rx: '5', ry: '4.5', fill: INK }),
      number,
    ),
  );
}
