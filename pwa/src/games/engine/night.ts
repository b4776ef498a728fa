/** Stars and roofs behind a board. */

import { element, svg } from './dom.ts';

export function drawNight(): HTMLElement {
  const night = element('div', 'round-night');
  const roofs = 'M0 60 V34 h26 l14 -14 14 14 h20 V46 h24 V22 h30 v20 h18 l16 -16 16 16 h14 V12 l20 -12 20 12 v24 h26 V20 h24 v24 h20 l14 -12 14 12 h12 V60 Z';
  const lights = 'M10 42h4v6h-4z M82 50h4v6h-4z M112 30h4v6h-4z M122 42h4v6h-4z M204 22h4v6h-4z M216 34h4v6h-4z M262 30h4v6h-4z M290 50h4v6h-4z';
  const street = svg(
    'pattern',
    { id: 'round-street', width: '334', height: '60', patternUnits: 'userSpaceOnUse', patternTransform: 'scale(1.5)' },
    svg('path', { d: roofs, fill: '#0E1029' }),
    svg('path', { d: lights, fill: '#FFC53D', opacity: '.7' }),
  );
  night.append(svg('svg', { 'aria-hidden': 'true' }, street, svg('rect', { width: '100%', height: '100%', fill: 'url(#round-street)' })));
  return night;
}
