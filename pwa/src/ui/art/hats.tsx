/** Hats that children earn by playing. Each sits on (0, 0), the top of a head. */

import type { ReactNode } from 'react';

const SUN = '#FFC53D';
const CORAL = '#E8493D';
const PAPER = '#FFF8EC';
const SKY = '#2F5BEA';
const MINT = '#3DDCB0';
const LILAC = '#B9A3FF';

const flower = (x: number, y: number, fill: string) => (
  <g key={x} transform={`translate(${x} ${y})`} strokeWidth="2.4">
    <path d="M0 -8 C5 -8 5 -3 3 -2 C8 -4 10 2 5 4 C7 8 0 10 0 5 C0 10 -7 8 -5 4 C-10 2 -8 -4 -3 -2 C-5 -3 -5 -8 0 -8 Z" fill={fill} />
    <circle r="2.6" fill={SUN} stroke="none" />
  </g>
);

export const HATS: Readonly<Record<string, ReactNode>> = {
  bow: (
    <>
      <path d="M-3 -3 L-21 -13 Q-25 -2 -21 9 Z M3 -3 L21 -13 Q25 -2 21 9 Z" fill={CORAL} />
      <rect x="-6" y="-9" width="12" height="12" rx="4" fill={SUN} />
    </>
  ),
  party: (
    <>
      <path d="M-17 3 L0 -34 L17 3 Q0 9 -17 3 Z" fill={SKY} />
      <path d="M-12 -8 L11 -11 M-7 -19 L7 -20" stroke={PAPER} strokeWidth="4" />
      <circle cy="-35" r="6" fill={SUN} />
    </>
  ),
  cap: (
    <>
      <path d="M-24 2 C-24 -26 24 -26 24 2 Z" fill={MINT} />
      <path d="M-2 2 H38 Q36 11 18 10 L-2 6 Z" fill="#0C7A5F" />
      <circle cy="-20" r="3.4" fill={PAPER} />
      <path d="M-4 -19 C-10 -10 -10 -4 -9 2" fill="none" strokeWidth="2.4" />
    </>
  ),
  crown: (
    <>
      <path d="M-22 4 L-26 -22 L-12 -10 L0 -28 L12 -10 L26 -22 L22 4 Q0 10 -22 4 Z" fill={SUN} />
      <circle cy="-4" r="4" fill={CORAL} strokeWidth="2.4" />
      <circle cx="-13" cy="-2" r="2.8" fill={MINT} strokeWidth="2.4" />
      <circle cx="13" cy="-2" r="2.8" fill={MINT} strokeWidth="2.4" />
    </>
  ),
  star: (
    <>
      <path d="M-26 6 Q0 -8 26 6" fill="none" stroke={LILAC} strokeWidth="7" />
      <path d="M-26 6 Q0 -8 26 6" fill="none" strokeWidth="2" opacity=".5" />
      <path transform="translate(0 -11)" d="M0 -17 L5 -6 L17 -4.5 L8 4 L10.5 16 L0 10 L-10.5 16 L-8 4 L-17 -4.5 L-5 -6 Z" fill={SUN} />
    </>
  ),
  flowers: (
    <>
      <path d="M-30 10 Q0 -12 30 10" fill="none" stroke="#0C7A5F" strokeWidth="6" />
      {[flower(-24, 5, '#FF7A6B'), flower(-9, -3, PAPER), flower(9, -3, LILAC), flower(24, 5, '#FF7A6B')]}
    </>
  ),
  explorer: (
    <>
      <path d="M-20 0 C-20 -28 20 -28 20 0 Z" fill="#E0B070" />
      <path d="M-38 2 Q0 -8 38 2 Q34 12 0 9 Q-34 12 -38 2 Z" fill="#C99B62" />
      <path d="M-20 -5 Q0 -11 20 -5" fill="none" stroke={CORAL} strokeWidth="5" />
    </>
  ),
  wizard: (
    <>
      <path d="M-20 2 Q-8 -16 -6 -34 Q4 -44 18 -38 Q8 -32 10 -22 Q12 -8 20 2 Z" fill="#4B3FA0" />
      <path d="M-34 4 Q0 -6 34 4 Q30 13 0 11 Q-30 13 -34 4 Z" fill="#33307A" />
      <path d="M0 -24 l2 4 4.4 .6 -3.2 3 .8 4.4 -4 -2 -4 2 .8 -4.4 -3.2 -3 4.4 -.6 Z" fill={SUN} strokeWidth="1.8" />
    </>
  ),
};
