/** Pictures to remember: twelve families that differ in outline, each in four forms that differ in what
 * is drawn on it. No picture is told from another by colour alone. */

import type { Language } from '../../i18n/text.ts';
import { svg } from './dom.ts';

const INK = '#1F2150';
const PAPER = '#FFF8EC';
const SUN = '#FFC53D';
const CORAL = '#FF7A6B';
const MINT = '#3DDCB0';
const LILAC = '#B9A3FF';
const SKY = '#7FC4E8';

interface Family {
  fill: string;
  /** Filled outlines, in a square of 64 units. */
  body: string;
  /** A pale outline over them. */
  light?: string;
  /** Lines over both. */
  lines?: string;
  /** Where the dots, stripes or the X have room. */
  mark: readonly [number, number];
}

/** In the order of the names. */
const DRAWN: readonly Family[] = [
  { fill: SUN, body: 'M42 7 A26 26 0 1 0 57 45 A22 22 0 0 1 42 7 Z', mark: [22, 37] },
  { fill: SUN, body: 'M32 5 L40.5 22.3 L59.6 25 L45.8 38.5 L49 57.5 L32 48.5 L15 57.5 L18.2 38.5 L4.4 25 L23.5 22.3 Z', mark: [32, 36] },
  { fill: CORAL, body: 'M42 32 L61 16 V48 Z M4 32 C10 8 42 8 49 32 C42 56 10 56 4 32 Z', lines: 'M14 27 v.1', mark: [31, 32] },
  { fill: CORAL, body: 'M21.6 15 a10.4 10.4 0 1 0 20.8 0 a10.4 10.4 0 1 0 -20.8 0 M38.7 27.4 a10.4 10.4 0 1 0 20.8 0 a10.4 10.4 0 1 0 -20.8 0 M32.2 47.6 a10.4 10.4 0 1 0 20.8 0 a10.4 10.4 0 1 0 -20.8 0 M11 47.6 a10.4 10.4 0 1 0 20.8 0 a10.4 10.4 0 1 0 -20.8 0 M4.5 27.4 a10.4 10.4 0 1 0 20.8 0 a10.4 10.4 0 1 0 -20.8 0', light: 'M18.5 33 a13.5 13.5 0 1 0 27 0 a13.5 13.5 0 1 0 -27 0', mark: [32, 33] },
  { fill: SKY, body: 'M44 12 h8 v14 h-8 Z M32 6 L60 31 H52 V58 H12 V31 H4 Z', mark: [32, 39] },
  { fill: LILAC, body: 'M12 38 C13 20 21 9 33 5 C50 11 54 25 54 38 Z M5 44 H59 L50 59 H14 Z', lines: 'M33 38 V44', mark: [34, 25] },
  { fill: SUN, body: 'M26 54 a6 6 0 0 0 12 0 Z M32 6 C19 6 15 17 15 30 V42 L8 52 H56 L49 42 V30 C49 17 45 6 32 6 Z', mark: [32, 32] },
  { fill: MINT, body: 'M32 3 L56 25 L32 52 L8 25 Z', lines: 'M32 52 q-9 3 -2 6 q8 3 1 5', mark: [32, 26] },
  { fill: CORAL, body: 'M32 58 C0 36 4 9 20 8 C27 8 32 14 32 20 C32 14 37 8 44 8 C60 9 64 36 32 58 Z', mark: [32, 31] },
  { fill: LILAC, body: 'M22 36 H42 V50 C42 60 22 60 22 50 Z M4 37 C4 15 18 6 32 6 C46 6 60 15 60 37 Z', mark: [32, 23] },
  { fill: SKY, body: 'M17 53 C2 53 1 33 15 32 C13 12 37 7 43 23 C58 20 64 34 60 43 C58 51 53 53 46 53 Z', mark: [33, 38] },
  { fill: MINT, body: 'M10 55 C3 26 22 7 57 7 C60 42 42 60 14 52 Z', lines: 'M4 61 L14 51', mark: [35, 29] },
];

/** The families' names, without an article. */
export const PICTURE_NAMES: Record<Language, readonly string[]> = {
  'pt-BR': ['lua', 'estrela', 'peixe', 'flor', 'casa', 'barco', 'sino', 'pipa', 'coração', 'cogumelo', 'nuvem', 'folha'],
  en: ['moon', 'star', 'fish', 'flower', 'house', 'boat', 'bell', 'kite', 'heart', 'mushroom', 'cloud', 'leaf'],
  es: ['luna', 'estrella', 'pez', 'flor', 'casa', 'barco', 'campana', 'cometa', 'corazón', 'hongo', 'nube', 'hoja'],
};

/** Around the middle of a form's place: none, dots, stripes, an X. */
const MARKS: readonly string[] = ['', 'M-6.5 4.5 v.1 M6.5 4.5 v.1 M0 -6.5 v.1', 'M-7.5 -8.5 V8.5 M0 -8.5 V8.5 M7.5 -8.5 V8.5', 'M-7.5 -7.5 L7.5 7.5 M7.5 -7.5 L-7.5 7.5'];
const MARK_WIDTHS = [0, 8, 4, 5] as const;

export function drawPicture(family: number, form = 0): SVGElement {
  const { fill, body, light = '', lines = '', mark } = DRAWN[family] ?? DRAWN[0]!;
  const round = { stroke: INK, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' };
  const [x, y] = mark;
  return svg(
    'svg',
    { viewBox: '0 0 64 64', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { d: body, fill, 'stroke-width': '3', ...round }),
    svg('path', { d: light, fill: PAPER, 'stroke-width': '3', ...round }),
    svg('path', { d: lines, fill: 'none', 'stroke-width': lines.endsWith('.1') ? '6' : '3', ...round }),
    svg('path', { d: MARKS[form] ?? '', fill: 'none', transform: `translate(${x} ${y})`, 'stroke-width': String(MARK_WIDTHS[form] ?? 0), ...round }),
  );
}
