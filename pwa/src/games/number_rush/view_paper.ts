/** What the lanterns are made of. */

import { svg } from '../engine/dom.ts';

export const INK = '#1F2150';
export const PAPER = '#FFF8EC';
export const SUN = '#FFC53D';
export const CORAL = '#FF7A6B';
const LIGHT = '#F0803C';

/** The glow that `glow` defines. */
export const GLOW = 'url(#number-rush-glow)';

export const LINE = { stroke: INK, 'stroke-width': '4', 'stroke-linejoin': 'round', 'stroke-linecap': 'round' };

/** Places of a three by three grid, as on dice, so that a glance counts them. */
const PATTERNS: readonly (readonly number[])[] = [
  [],
  [4],
  [2, 6],
  [2, 4, 6],
  [0, 2, 6, 8],
  [0, 2, 4, 6, 8],
  [0, 2, 3, 5, 6, 8],
  [0, 2, 3, 4, 5, 6, 8],
  [0, 1, 2, 3, 5, 6, 7, 8],
  [0, 1, 2, 3, 4, 5, 6, 7, 8],
];

/** `n` lights, 1 to 9, around a middle. `apart` is the distance of two. */
export function lights(n: number, x: number, y: number, apart: number): SVGElement[] {
  return (PATTERNS[n] ?? []).map((place) =>
    svg('circle', {
      cx: String(x + ((place % 3) - 1) * apart),
      cy: String(y + (Math.floor(place / 3) - 1) * apart),
      ...{ r: String(apart * 0.38), fill: LIGHT, stroke: INK, 'stroke-width': '3' },
    }),
  );
}

/** Text around a middle, as large as fits. */
export function figures(text: string, x: number, y: number, { most, width }: { most: number; width: number }): SVGElement {
  const size = Math.min(most, width / (0.53 * text.length));
  const made = svg('text', { x: String(x), y: String(y + size * 0.35), 'font-size': size.toFixed(1), 'text-anchor': 'middle', fill: INK });
  made.textContent = text;
  return made;
}

export function star(x: number, y: number, size: number): SVGElement {
  const points = Array.from({ length: 10 }, (_, at) => {
    const out = at % 2 === 0 ? size : size * 0.48;
    const angle = (at * Math.PI) / 5;
    return `${(x + out * Math.sin(angle)).toFixed(1)} ${(y - out * Math.cos(angle)).toFixed(1)}`;
  });
  return svg('path', { d: `M${points.join('L')}Z`, fill: PAPER, ...LINE, 'stroke-width': '3' });
}

/** Light that fades outwards; one on the page is enough for all that use it. */
export function glow(): SVGElement {
  const stop = (offset: string, opacity: string) => svg('stop', { offset, 'stop-color': SUN, 'stop-opacity': opacity });
  return svg('defs', {}, svg('radialGradient', { id: 'number-rush-glow' }, stop('0.3', '1'), stop('0.65', '.45'), stop('1', '0')));
}
