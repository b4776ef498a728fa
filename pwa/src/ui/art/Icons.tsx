/** Small drawings: lantern, star, and the signs on buttons. */

import type { ReactNode } from 'react';

export const INK = '#1F2150';

export function Drawing({ size, box = 48, children }: { size: number; box?: number; children: ReactNode }) {
  return (
    <svg
      viewBox={`0 0 ${box} ${box}`}
      width={size}
      height={size}
      aria-hidden="true"
      focusable="false"
      fill="none"
      stroke={INK}
      strokeWidth="3"
      strokeLinejoin="round"
      strokeLinecap="round"
    >
      {children}
    </svg>
  );
}

export function Lantern({ lit = true, size = 48 }: { lit?: boolean; size?: number }) {
  return (
    <Drawing size={size}>
      <path d="M24 2 v6" />
      <path className={lit ? 'lantern-glow' : undefined} d="M12 14 C8 22 8 30 12 38 H36 C40 30 40 22 36 14 Z" fill={lit ? '#FFC53D' : '#FFF8EC'} />
      <path d="M18 14 C15 22 15 30 18 38 M30 14 C33 22 33 30 30 38" strokeWidth="2" opacity={lit ? 0.55 : 0.3} />
      <rect x="14" y="8" width="20" height="6" rx="3" fill="#E8493D" />
      <rect x="14" y="38" width="20" height="5" rx="2.5" fill="#E8493D" />
    </Drawing>
  );
}

export const STAR = 'M24 4 L30 17 L44 19 L34 29 L36 43 L24 36 L12 43 L14 29 L4 19 L18 17 Z';

export function Star({ lit = true, size = 48 }: { lit?: boolean; size?: number }) {
  return (
    <Drawing size={size}>
      <path d={STAR} fill={lit ? '#FFC53D' : '#FFF8EC'} strokeDasharray={lit ? undefined : '4 4'} />
    </Drawing>
  );
}

const SIGNS = {
  play: <path d="M15 9 L39 24 L15 39 Z" fill="currentColor" stroke="none" />,
  back: <path d="M30 10 L14 24 L30 38" stroke="currentColor" strokeWidth="6" />,
  camera: (
    <g stroke="currentColor">
      <path d="M6 15 H15 L19 9 H29 L33 15 H42 V38 H6 Z" />
      <circle cx="24" cy="26" r="7" />
    </g>
  ),
  card: (
    <g stroke="currentColor">
      <rect x="5" y="10" width="38" height="28" rx="5" />
      <circle cx="16" cy="22" r="4" />
      <path d="M10 32 q6 -7 12 0 M28 20 h9 M28 27 h6" />
    </g>
  ),
  people: (
    <g stroke="currentColor">
      <circle cx="17" cy="17" r="7" />
      <circle cx="34" cy="19" r="5" />
      <path d="M5 40 q2 -13 12 -13 t12 13 M31 29 q10 -1 12 11" />
    </g>
  ),
  podium: (
    <g stroke="currentColor">
      <path d="M5 40 V28 h12 V18 h14 v14 h12 v8 Z" />
      <path d="M24 4 l2.4 4.6 5 .6 -3.6 3.6 .9 5 -4.7 -2.4" fill="currentColor" strokeWidth="2" />
    </g>
  ),
  medal: (
    <g stroke="currentColor">
      <circle cx="24" cy="30" r="12" />
      <path d="M18 20 L12 5 M30 20 L36 5 M24 25 v10 M19 30 h10" />
    </g>
  ),
  gear: (
    <g stroke="currentColor">
      <circle cx="24" cy="24" r="7" />
      <path d="M24 5 v7 M24 36 v7 M5 24 h7 M36 24 h7 M11 11 l5 5 M32 32 l5 5 M37 11 l-5 5 M16 32 l-5 5" />
    </g>
  ),
  again: <path d="M38 24 a14 14 0 1 1 -5 -11 M34 4 v10 h-10" stroke="currentColor" strokeWidth="5" />,
  home: <path d="M7 24 L24 9 L41 24 M12 21 V40 H36 V21" stroke="currentColor" strokeWidth="4" />,
  erase: <path d="M16 12 H42 V36 H16 L5 24 Z M23 19 l10 10 M33 19 l-10 10" stroke="currentColor" />,
  sound: <path d="M6 19 h8 L25 9 V39 L14 29 H6 Z M32 17 q6 7 0 14 M38 11 q11 13 0 26" stroke="currentColor" />,
  mute: <path d="M6 19 h8 L25 9 V39 L14 29 H6 Z M32 18 l11 12 M43 18 l-11 12" stroke="currentColor" />,
  box: (
    <g stroke="currentColor">
      <path d="M6 16 L24 8 L42 16 V36 L24 44 L6 36 Z M6 16 L24 24 L42 16 M24 24 V44" />
    </g>
  ),
  check: <path d="M9 25 L20 36 L40 12" stroke="currentColor" strokeWidth="6" />,
} as const;

export type SignId = keyof typeof SIGNS;

export function Sign({ id, size = 28 }: { id: SignId; size?: number }) {
  return <Drawing size={size}>{SIGNS[id]}</Drawing>;
}
