/** One of the three lanterns with an answer. */

import { svg } from '../engine/dom.ts';
import { MOST_DOTS } from './rules_levels.ts';
import { CORAL, figures, GLOW, lights, LINE, PAPER, SUN } from './view_paper.ts';

/** What became of a lantern: it waits, was right, was chosen and wrong, or was neither. */
export type Fate = 'open' | 'right' | 'wrong' | 'left';

export interface AnswerLantern {
  show(answer: number, kind: number): void;
  become(fate: Fate): void;
}

const BODY = 'M14 42 C26 0 94 0 106 42 L98 112 H22 Z';
const RAYS = 'M60 0 V-14 M14 12 L4 1 M106 12 L116 1 M0 66 H-14 M120 66 H134 M10 114 L0 124 M110 114 L120 124';

/** Fills `button` with a lantern. */
export function answerLantern(button: HTMLButtonElement): AnswerLantern {
  const face = svg('g', {});
  const tick = svg(
    'g',
    { class: 'numbers-tick' },
    svg('circle', { cx: '102', cy: '20', r: '17', fill: '#3DDCB0', ...LINE }),
    svg('path', { d: 'M93 21 l6 7 l12 -14', fill: 'none', ...LINE, 'stroke-width': '5' }),
  );
  button.append(
    svg(
      'svg',
      { viewBox: '2 -4 116 148', 'aria-hidden': 'true' },
      svg('circle', { cx: '60', cy: '66', r: '84', fill: GLOW, class: 'numbers-glow' }),
      svg('path', { d: RAYS, fill: 'none', stroke: SUN, 'stroke-width': '6', 'stroke-linecap': 'round', class: 'numbers-rays' }),
      svg('path', { d: BODY, class: 'numbers-body', ...LINE, fill: PAPER }),
      svg('path', { d: 'M32 112 h56 v14 h-56 Z', fill: CORAL, ...LINE }),
      svg('path', { d: 'M60 126 v14', fill: 'none', ...LINE, stroke: CORAL }),
      face,
      tick,
    ),
  );
  return {
    show(answer, kind) {
      button.setAttribute('aria-label', String(answer));
      face.replaceChildren(...(kind === MOST_DOTS ? lights(answer, 60, 68, 25) : [figures(String(answer), 60, 68, { most: 70, width: 80 })]));
    },
    become(fate) {
      button.dataset.fate = fate;
      if (fate === 'open') button.removeAttribute('aria-disabled');
      else button.setAttribute('aria-disabled', 'true');
    },
  };
}
