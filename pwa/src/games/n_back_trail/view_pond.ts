/** The pond at night, and the sign that shows which stone to compare with. */

import { element, svg } from '../engine/dom.ts';
import { drawPicture } from '../engine/pictures.ts';

/** Roofs of the far bank, their windows, and these on the water. */
const CITY = 'M-600 96 V60 h60 l30 -26 30 26 h50 V40 h64 v30 h50 V24 l40 -18 40 18 v46 h70 V44 h56 v26 h46 l28 -24 28 24 h40 V36 h60 v34 h52 V20 l34 -16 34 16 v50 h60 V46 h70 v24 h40 l30 -26 30 26 h52 V40 h60 v30 h60 V96 Z';
const LIGHTS = 'M-520 60v9M-320 50v9M-216 46v9M-90 58v9M-34 60v9M28 54v9M96 58v9M144 52v9M220 46v9M246 34v9M330 58v9M404 54v9M520 56v9M610 50v9';
const SHINE = 'M-90 104v16M28 104v12M144 104v18M246 104v14M330 104v12M404 104v16';
const LILY = 'M0 0 L26 -7 A27 12 0 1 0 26 7 Z';

export function drawPond(): HTMLElement {
  const pond = element('div', 'trail-pond');
  pond.setAttribute('aria-hidden', 'true');
  const lily = (x: number, y: number, size: number) => svg('path', { d: LILY, transform: `translate(${x} ${y}) scale(${size})`, fill: '#2E7F73', stroke: '#0E1029', 'stroke-width': '2' });
  const waves = 'M20 190 q14 -7 28 0 t28 0 M300 150 q12 -6 24 0 t24 0 M70 330 q16 -8 32 0 t32 0 M290 420 q16 -8 32 0 t32 0 M18 520 q18 -9 36 0 t36 0 M250 560 q18 -9 36 0 t36 0 M150 246 q14 -7 28 0 t28 0';
  pond.append(
    svg(
      'svg',
      { class: 'trail-city', viewBox: '0 0 400 120', preserveAspectRatio: 'xMidYMin meet' },
      ...[-1213, 0, 1213].map((x) =>
        svg(
          'g',
          { transform: `translate(${x})` },
          svg('path', { d: CITY, fill: '#14163A' }),
          svg('path', { d: LIGHTS, stroke: '#FFC53D', 'stroke-width': '5' }),
          svg('path', { d: SHINE, stroke: '#FFC53D', 'stroke-width': '5', opacity: '.25', 'stroke-linecap': 'round' }),
        ),
      ),
      svg('path', { d: 'M-1800 94 H1800', stroke: '#0E1029', 'stroke-width': '5' }),
    ),
    svg(
      'svg',
      { class: 'trail-water', viewBox: '0 0 400 600', preserveAspectRatio: 'xMidYMid slice' },
      svg('path', { class: 'trail-waves', d: waves, fill: 'none', stroke: '#7FC4E8', 'stroke-width': '3', 'stroke-linecap': 'round' }),
      lily(352, 236, 0.9),
      lily(36, 438, 1.1),
      lily(376, 520, 1.2),
    ),
  );
  return pond;
}

/** Pictures in a row, the first and the last the same, with an arc between them. */
export function drawSign(back: number, text: string): HTMLElement[] {
  const step = 74;
  const width = step * back + 72;
  const art = svg('svg', { viewBox: `0 0 ${width} 116`, 'aria-hidden': 'true', focusable: 'false' });
  for (let n = 0; n <= back; n += 1) {
    const isEnd = n === 0 || n === back;
    const x = 36 + n * step;
    const disc = svg('circle', { cx: String(x), cy: '80', r: '32', fill: '#FFF8EC', stroke: '#1F2150', 'stroke-width': '3' });
    if (!isEnd) disc.setAttribute('stroke-dasharray', '5 6');
    art.append(disc);
    if (!isEnd) continue;
    const star = drawPicture(1);
    for (const [name, value] of [['x', String(x - 22)], ['y', '58'], ['width', '44'], ['height', '44']] as const) star.setAttribute(name, value);
    art.append(star);
  }
  const middle = width / 2;
  art.append(
    svg('path', { d: `M36 44 Q${middle} -14 ${width - 36} 44`, fill: 'none', stroke: '#1F2150', 'stroke-width': '4', 'stroke-dasharray': '2 8', 'stroke-linecap': 'round' }),
    svg('circle', { cx: String(middle), cy: '17', r: '15', fill: '#FFC53D', stroke: '#1F2150', 'stroke-width': '3' }),
    svg('path', { d: `M${middle - 6} 13 h12 M${middle - 6} 21 h12`, stroke: '#1F2150', 'stroke-width': '4', 'stroke-linecap': 'round' }),
  );
  const words = element('p', 'trail-sign-words');
  words.textContent = text;
  const drawing = element('div', 'trail-sign-art');
  drawing.style.maxWidth = `${width * 1.3}px`;
  drawing.append(art);
  return [drawing, words];
}
