/** The night city on each game's tile, with Neo at the game's task in it. */

import type { ReactNode } from 'react';

import { SCENES } from './scenes.tsx';

const INK = '#0E1029';
const SUN = '#FFC53D';
const PAPER = '#FFF8EC';

type Point = readonly [x: number, y: number];

const STARS: readonly Point[] = [
  [-96, 22], [-60, 58], [-18, 14], [22, 40], [58, 12], [92, 34], [128, 10], [170, 30], [206, 14], [236, 46], [304, 40], [340, 12], [372, 52], [414, 24], [40, -30], [150, -44], [260, -24],
];
const WINDOWS: readonly Point[] = [
  [-92, 92], [-60, 84], [-24, 96], [8, 88], [34, 74], [46, 92], [80, 94], [112, 84], [124, 98], [186, 92], [214, 80], [226, 96], [258, 90], [288, 78], [302, 94], [334, 90], [366, 82], [392, 96],
];

const star = ([x, y]: Point) => `M${x} ${y}h0`;
const lit = ([x, y]: Point) => `M${x} ${y}h4v5.5h-4z`;

/** One path of every `n`th point, one of the others: six nights of single lights are 200 elements
 * more, which a slow tablet feels. */
function paths(points: readonly Point[], n: number, draw: (point: Point) => string): [every: string, others: string] {
  const chosen = (wanted: boolean) => points.filter((_, index) => (index % n === 0) === wanted).map(draw).join('');
  return [chosen(true), chosen(false)];
}

const [TWINKLING, STILL] = paths(STARS, 4, star);
const [FLICKERING, STEADY] = paths(WINDOWS, 5, lit);

/** 320 x 160 are always to be seen; what is drawn around them fills a tile of any shape. */
function Night({ children }: { children: ReactNode }) {
  return (
    <svg className="scene" viewBox="0 0 320 160" preserveAspectRatio="xMidYMax meet" aria-hidden="true" focusable="false">
      <rect x="-200" y="-300" width="720" height="460" fill="#171A3F" />
      <path d="M-200 70 Q160 20 520 70 V160 H-200 Z" fill="#232659" />
      <path d="M-200 96 Q160 56 520 96 V160 H-200 Z" fill="#33307A" />
      <g stroke={PAPER} strokeLinecap="round" opacity=".8">
        <path className="scene-twinkle" d={TWINKLING} strokeWidth="3.4" />
        <path d={STILL} strokeWidth="2.4" />
      </g>
      <circle cx="278" cy="30" r="27" fill={PAPER} opacity=".12" />
      <circle cx="278" cy="30" r="18" fill="#FFF3D6" />
      <path d="M271 22 a4 4 0 1 0 .1 0 M285 33 a5 5 0 1 0 .1 0 M272 38 a2.5 2.5 0 1 0 .1 0" fill="#F0DDB2" />
      <path d="M-200 120 V84 h26 l14 -14 14 14 h20 V96 h24 V72 h30 v20 h18 l16 -16 16 16 h14 V62 l20 -16 20 16 v24 h26 V70 h24 v24 h20 l14 -12 14 12 h24 V66 h28 v22 h18 l18 -18 18 18 h16 V58 l22 -16 22 16 v30 h20 V74 h26 v18 h22 l16 -14 16 14 h20 V68 h30 v24 h40 V74 h34 v18 h60 V120 Z" fill="#232554" />
      <path d="M-200 130 V100 h36 V84 h28 v20 h22 l16 -14 16 14 h20 V80 h22 v14 h30 v10 h26 V86 l18 -14 18 14 v16 h60 V92 h28 V76 h22 v20 h28 l18 -14 18 14 h16 V72 h24 v22 h30 v8 h24 V84 l18 -14 18 14 v18 h40 V90 h34 V104 h18 l18 -14 18 14 v-12 h60 V130 Z" fill={INK} opacity=".82" />
      <g fill={SUN} opacity=".85">
        <path className="scene-twinkle" d={FLICKERING} />
        <path d={STEADY} />
      </g>
      {children}
    </svg>
  );
}

export function NightScene({ id }: { id: string }) {
  const Scene = SCENES[id];
  return <Night>{Scene && <Scene />}</Night>;
}
