/** The picture of each goal, 24 x 24, on the lanterns of the day. */

import type { ReactNode } from 'react';

import type { GoalId } from '../../app/day/lanterns.ts';

const INK = '#1F2150';
const PAPER = '#FFF8EC';

const star = (x: number, y: number, size: number) => (
  <path
    key={x}
    transform={`translate(${x} ${y}) scale(${size})`}
    d="M0 -10 L3 -3.4 L10 -2.6 L4.8 2.2 L6.2 9.4 L0 5.8 L-6.2 9.4 L-4.8 2.2 L-10 -2.6 L-3 -3.4 Z"
    fill={PAPER}
    strokeWidth={2.6 / size}
  />
);
const card = (x: number, y: number, angle: number) => (
  <rect key={x} x="-5.5" y="-7.5" width="11" height="15" rx="2.5" transform={`translate(${x} ${y}) rotate(${angle})`} fill={PAPER} />
);

export const GOALS: Record<GoalId, ReactNode> = {
  neos_game: (
    <>
      <path d="M12 4 V1 M1 9 L4 11 M1 17 L4 15 M23 9 L20 11 M23 17 L20 15" />
      <rect x="4" y="4" width="16" height="17" rx="7.5" fill="#CDBCFF" />
      <path d="M9 11.5 v2 M15 11.5 v2 M10 17 q2 1.6 4 0" />
    </>
  ),
  two_games: <>{[card(8, 12, -10), card(16, 13, 8)]}</>,
  three_games: <>{[card(5.5, 13, -16), card(18.5, 13, 16), card(12, 11, 0)]}</>,
  beat_last: (
    <>
      <path d="M3 22 V15 h6 v7 Z M15 22 V9 h6 v13 Z" fill={PAPER} />
      <path d="M3 9 L9 3 M4.6 2.6 L9 3 L8.8 7.4" />
    </>
  ),
  own_best: star(12, 12.5, 1.12),
  two_stars: <>{[star(7, 9, 0.72), star(16.5, 15, 0.72)]}</>,
  wait_five: (
    <path
      d="M6 13 V7 a1.9 1.9 0 0 1 3.8 0 V4 a1.9 1.9 0 0 1 3.8 0 V5 a1.9 1.9 0 0 1 3.8 0 V8 a1.9 1.9 0 0 1 3.6 0 V15 C21 20.5 17.5 23 13.5 23 C9 23 7 20.5 4 17 L2.4 14.4 a1.9 1.9 0 0 1 3 -2 Z M9.8 7 v4 M13.6 5 v6 M17.4 7.5 v3.5"
      fill={PAPER}
    />
  ),
  to_the_end: (
    <>
      <path d="M5 23 V2" />
      <path d="M5 3 H20 L16.5 8 L20 13 H5 Z" fill={PAPER} />
      <path d="M12 3 v10 M5 8 h11.5" strokeWidth="2" />
    </>
  ),
  rest: (
    <>
      <path d="M3 11 h14 v5 a6 6 0 0 1 -6 6 h-2 a6 6 0 0 1 -6 -6 Z M17 12.5 h1.5 a3 3 0 0 1 0 6 h-2" fill={PAPER} />
      <path d="M7.5 7 q-2 -2.5 0 -5 M12.5 7 q-2 -2.5 0 -5" strokeWidth="2.2" />
    </>
  ),
  same_again: (
    <>
      <path d="M19.5 8 A8.6 8.6 0 1 0 20.6 14" strokeWidth="3.2" />
      <path d="M20.5 2 V8.5 H14" strokeWidth="3.2" fill="none" stroke={INK} />
    </>
  ),
};
