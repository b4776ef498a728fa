/** The picture of each badge. */

import type { ReactNode } from 'react';

import { Drawing, INK, STAR } from './Icons.tsx';

export const BADGE_ART: Record<string, { disc: string; art: ReactNode }> = {
  speed_demon: {
    disc: '#FFD2CB',
    art: <path d="M28 6 L14 27 H23 L19 42 L35 20 H25 Z" fill="#E8493D" />,
  },
  perfect_score: {
    disc: '#FFE3A6',
    art: <path d={STAR} fill="#FFC53D" transform="translate(5 4) scale(.8)" />,
  },
  streak_3: { disc: '#CFE0FF', art: <Days count={3} /> },
  streak_7: { disc: '#BFE6DA', art: <Days count={7} string /> },
  streak_30: {
    disc: '#E3DAFF',
    art: (
      <>
        <circle cx="24" cy="24" r="19" fill="#FFC53D" />
        <circle cx="13" cy="16" r="2.5" fill="#F0AE1E" stroke="none" />
        <circle cx="35" cy="34" r="3" fill="#F0AE1E" stroke="none" />
        <circle cx="31" cy="12" r="2" fill="#F0AE1E" stroke="none" />
        <Digits text="30" y={33} size={23} />
      </>
    ),
  },
  explorer: {
    disc: '#BFE6DA',
    art: (
      <>
        <circle cx="24" cy="24" r="14" fill="#FFF8EC" />
        <path d="M30 16 L26 27 L18 32 L22 21 Z" fill="#2F5BEA" strokeWidth="2.5" />
      </>
    ),
  },
  marathon: {
    disc: '#CFE0FF',
    art: (
      <>
        <path d="M8 38 C20 36 14 26 24 24 C34 22 28 12 40 10" stroke="#2F5BEA" strokeWidth="5" />
        <path d="M34 6 v14 l9 -4 -9 -4" fill="#E8493D" strokeWidth="2.5" />
      </>
    ),
  },
  sharp_mind: {
    disc: '#E3DAFF',
    art: (
      <>
        <circle cx="16" cy="24" r="9" fill="#FFF8EC" />
        <circle cx="32" cy="24" r="9" fill="#FFF8EC" />
        <circle cx="17" cy="24" r="3.5" fill={INK} stroke="none" />
        <circle cx="31" cy="24" r="3.5" fill={INK} stroke="none" />
        <path d="M22 32 h4 l-2 4 Z" fill="#FFC53D" strokeWidth="2" />
      </>
    ),
  },
  climber: {
    disc: '#FFE3A6',
    art: (
      <>
        <path d="M5 38 L18 14 L27 28 L32 20 L43 38 Z" fill="#0C7A5F" />
        <path d="M14 21 L18 14 L22 20 L18 22 Z" fill="#FFF8EC" strokeWidth="2" />
      </>
    ),
  },
};

function Digits({ text, y, size }: { text: string; y: number; size: number }) {
  return (
    <text x="24" y={y} fill={INK} stroke="none" textAnchor="middle" fontFamily="'Baloo 2 Variable', 'Trebuchet MS', sans-serif" fontWeight="800" fontSize={size}>
      {text}
    </text>
  );
}

/** A lantern with the number of days on it; on a string with others for the longer streak. */
function Days({ count, string = false }: { count: number; string?: boolean }) {
  return (
    <>
      {string && (
        <>
          <path d="M1 9 Q24 1 47 9" strokeWidth="2" />
          <path d="M6 14 q-4 6 0 12 h5 q4 -6 0 -12 Z M37 14 q-4 6 0 12 h5 q4 -6 0 -12 Z" fill="#FF7A6B" strokeWidth="2.2" />
        </>
      )}
      <path d="M24 1 v6" strokeWidth="2.5" />
      <path d="M15 12 C9 20 9 30 15 39 H33 C39 30 39 20 33 12 Z" fill="#FFC53D" />
      <path d="M16 7 h16 v5 h-16 Z M16 39 h16 v5 h-16 Z" fill="#E8493D" strokeWidth="2.5" />
      <Digits text={String(count)} y={34} size={23} />
    </>
  );
}

/** For a badge that this build does not know. */
const PLAIN_BADGE = { disc: '#F7ECD6', art: <path d="M24 12 v16 M24 36 v1" strokeWidth="6" /> };

/** One that is not earned yet is a grey sketch of itself. */
export function Badge({ id, locked = false, size = 88 }: { id: string; locked?: boolean; size?: number }) {
  const badge = (Object.keys(BADGE_ART).includes(id) && BADGE_ART[id]) || PLAIN_BADGE;
  return (
    <Drawing size={size} box={72}>
      <path d="M22 48 L16 70 L27 64 L34 71 L36 52 L38 71 L45 64 L56 70 L50 48" fill={locked ? '#EDE5D6' : '#2F5BEA'} strokeDasharray={locked ? '4 4' : undefined} />
      <circle cx="36" cy="30" r="27" fill={locked ? '#F5EDDD' : badge.disc} strokeDasharray={locked ? '5 5' : undefined} />
      {!locked && <circle cx="36" cy="30" r="22.5" stroke="#FFF8EC" strokeWidth="2" strokeDasharray="1 5" />}
      <g className={locked ? 'badge-later' : undefined} transform="translate(12 6)">
        {badge.art}
      </g>
    </Drawing>
  );
}
