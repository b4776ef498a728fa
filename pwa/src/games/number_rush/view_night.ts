/** The night behind the board: stars, and the roofs of the lantern city. Each right answer lights one of
 * its windows; none goes out again. */

import { svg } from '../engine/dom.ts';
import { glow } from './view_paper.ts';

const STARS = 'M30 40h0M92 96h0M140 28h0M210 70h0M268 24h0M330 110h0M52 170h0M372 50h0M392 190h0M18 260h0M384 250h0';
const FAR = 'M-900 640 V500 H-820 V452 H-760 V490 H-700 L-672 456 L-644 490 V446 H-580 V480 H-520 L-490 450 L-460 480 V512 V470 H-340 V430 H-290 V480 H-230 L-205 452 L-180 480 V440 H-120 V490 H-60 V450 H-10 L14 426 L38 450 V476 H84 V440 H128 V484 H176 L200 456 L224 484 V446 H270 V478 H312 L338 448 L364 478 V436 H410 V486 H470 V446 H530 L556 420 L582 446 V480 H640 V450 H700 V490 H760 V452 H820 V486 H880 L910 452 L940 486 V448 H1010 V480 H1080 L1110 450 L1140 480 V470 H1300 V640 Z';
const NEAR = 'M-900 640 V530 H-790 V506 H-720 V532 H-640 L-612 502 L-584 532 H-520 V508 H-450 V530 H-400 V560 V520 H-310 V498 H-250 V530 H-170 L-140 500 L-110 530 H-40 V506 H20 V534 H92 L120 508 H280 L308 534 H360 V504 H420 V530 H490 L520 500 L550 530 H620 V508 H690 V536 H770 V510 H840 V534 H910 L940 504 L970 534 H1050 V510 H1130 V530 H1300 V640 Z';

/** From the middle outwards, so that the first ones are seen on the smallest screen. */
const WINDOWS: readonly string[] = [
  ...[-790, 470, -690, 500, -550, 460, -320, 450, -100, 462, 24, 462, 60, 458, 100, 460, 152, 492, 250, 466, 290, 466],
  ...[338, 470, 386, 456, 500, 466, 660, 470, 790, 470, 906, 500, 1040, 466, -750, 545, -610, 520, -480, 552, -280, 540, -200, 545],
  ...[-140, 530, -60, 556, -20, 522, 12, 548, 50, 556, 84, 548, 116, 556, 276, 556, 310, 548, 340, 556, 392, 522, 372, 560, 430, 556],
  ...[520, 530, 580, 545, 650, 540, 730, 556, 800, 545, 940, 520, 1090, 540, 30, 582, 66, 582, 100, 584, 300, 584, 332, 582, 364, 586],
]
  .flatMap((x, at, all) => (at % 2 === 0 ? [{ x, y: all[at + 1] ?? 0 }] : []))
  .sort((one, other) => Math.abs(one.x - 200) - Math.abs(other.x - 200))
  .map(({ x, y }) => `M${x} ${y}v11`);

export interface Night {
  readonly drawing: SVGElement;
  /** So many windows are lit. */
  light(count: number): void;
}

export function night(): Night {
  const row = { fill: 'none', 'stroke-width': '8' };
  const lit = svg('path', { ...row, stroke: '#FFC53D' });
  const drawing = svg(
    'svg',
    { class: 'numbers-night', viewBox: '0 0 400 600', preserveAspectRatio: 'xMidYMax meet', 'aria-hidden': 'true' },
    glow(),
    svg('path', { d: STARS, fill: 'none', stroke: '#FFF8EC', 'stroke-width': '4', 'stroke-linecap': 'round', opacity: '.7' }),
    svg('path', { d: FAR, fill: '#232659' }),
    svg('path', { d: NEAR, fill: '#14163A' }),
    svg('path', { ...row, d: WINDOWS.join(''), stroke: '#3A3D7C' }),
    lit,
  );
  return { drawing, light: (count) => lit.setAttribute('d', WINDOWS.slice(0, count).join('')) };
}
