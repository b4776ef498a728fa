/** The six animals that children choose from, in the same hand as Neo. */

import type { ReactNode } from 'react';

const INK = '#1F2150';

interface Animal {
  backdrop: string;
  art: ReactNode;
}

const eyes = (y = 58, dx = 14) => (
  <g stroke="none">
    {[50 - dx, 50 + dx].map((x) => (
      <g key={x}>
        <ellipse cx={x} cy={y} rx="5" ry="6.5" fill={INK} />
        <circle cx={x + 1.8} cy={y - 2.4} r="1.9" fill="#FFF8EC" />
      </g>
    ))}
  </g>
);
const smile = (y = 72) => (
  <path d={`M44 ${y} q6 6 12 0`} fill="none" strokeLinecap="round" />
);

const ANIMALS: Record<string, Animal> = {
  fox: {
    backdrop: '#BFE6DA',
    art: (
      <>
        <path d="M20 22 L26 54 L44 36 Z" fill="#F08A3C" />
        <path d="M80 22 L74 54 L56 36 Z" fill="#F08A3C" />
        <path d="M26 30 L30 46 L38 38 Z M74 30 L70 46 L62 38 Z" fill={INK} stroke="none" />
        <path d="M50 34 C72 34 84 50 80 62 C74 78 60 88 50 88 C40 88 26 78 20 62 C16 50 28 34 50 34 Z" fill="#F08A3C" />
        <path d="M50 88 C40 88 26 78 21 64 C34 62 44 66 50 78 C56 66 66 62 79 64 C74 78 60 88 50 88 Z" fill="#FFF8EC" strokeWidth="2" />
        {eyes(56)}
        <ellipse cx="50" cy="77" rx="5" ry="4" fill={INK} />
      </>
    ),
  },
  owl: {
    backdrop: '#FFE3A6',
    art: (
      <>
        <path d="M24 22 C30 30 40 32 50 32 C60 32 70 30 76 22 C84 36 84 74 74 84 C62 92 38 92 26 84 C16 74 16 36 24 22 Z" fill="#8E78E8" />
        <path d="M34 70 q5 6 10 0 q6 6 12 0 q5 6 10 0 L64 86 C56 90 44 90 36 86 Z" fill="#CDBCFF" strokeWidth="2.5" />
        <circle cx="36" cy="52" r="14" fill="#FFF8EC" />
        <circle cx="64" cy="52" r="14" fill="#FFF8EC" />
        {eyes(52)}
        <path d="M45 60 L55 60 L50 69 Z" fill="#FFC53D" />
      </>
    ),
  },
  turtle: {
    backdrop: '#CFE0FF',
    art: (
      <>
        <path d="M14 78 C14 52 32 38 50 38 C68 38 86 52 86 78 Z" fill="#0C7A5F" />
        <path d="M38 42 L32 60 L50 68 L68 60 L62 42 M32 60 L18 66 M68 60 L82 66 M50 68 V78" fill="none" stroke="#3DDCB0" strokeWidth="3.5" />
        <rect x="10" y="74" width="80" height="10" rx="5" fill="#095C48" />
        <path d="M50 92 C32 92 28 78 30 66 C32 54 42 50 50 50 C58 50 68 54 70 66 C72 78 68 92 50 92 Z" fill="#9BE3B5" />
        {eyes(68, 10)}
        {smile(79)}
      </>
    ),
  },
  cat: {
    backdrop: '#FFD2CB',
    art: (
      <>
        <path d="M22 18 L24 54 L46 34 Z" fill="#5A5D86" />
        <path d="M78 18 L76 54 L54 34 Z" fill="#5A5D86" />
        <path d="M27 28 L29 44 L38 37 Z M73 28 L71 44 L62 37 Z" fill="#FF7A6B" stroke="none" />
        <ellipse cx="50" cy="60" rx="32" ry="28" fill="#7D80A8" />
        <path d="M50 32 v10 M42 34 l2 8 M58 34 l-2 8" fill="none" strokeLinecap="round" />
        <ellipse cx="50" cy="74" rx="15" ry="11" fill="#FFF8EC" strokeWidth="2" />
        {eyes(57)}
        <path d="M46 69 h8 l-4 5 Z" fill="#E8493D" strokeWidth="2.5" />
        <path d="M12 64 l14 3 M12 76 l14 -2 M88 64 l-14 3 M88 76 l-14 -2" fill="none" strokeWidth="2.5" strokeLinecap="round" />
      </>
    ),
  },
  rabbit: {
    backdrop: '#E3DAFF',
    art: (
      <>
        <path d="M36 44 C24 26 22 10 30 8 C40 6 46 24 46 42 Z" fill="#FFF8EC" />
        <path d="M64 44 C76 26 78 10 70 8 C60 6 54 24 54 42 Z" fill="#FFF8EC" />
        <path d="M37 36 C32 26 30 18 32 16 C36 16 40 28 41 37 Z M63 36 C68 26 70 18 68 16 C64 16 60 28 59 37 Z" fill="#FFB3A8" stroke="none" />
        <ellipse cx="50" cy="64" rx="29" ry="26" fill="#FFF8EC" />
        {eyes(60)}
        <path d="M46 70 h8 l-4 5 Z" fill="#FF7A6B" strokeWidth="2.5" />
        <path d="M50 75 v5 M44 80 h12 v7 h-12 Z M50 80 v7" fill="#FFF" strokeWidth="2.5" />
        <circle cx="29" cy="71" r="5" fill="#FFB3A8" stroke="none" />
        <circle cx="71" cy="71" r="5" fill="#FFB3A8" stroke="none" />
      </>
    ),
  },
  bear: {
    backdrop: '#CDEFE4',
    art: (
      <>
        <circle cx="26" cy="34" r="13" fill="#A5683F" />
        <circle cx="74" cy="34" r="13" fill="#A5683F" />
        <circle cx="26" cy="34" r="6" fill="#E0A878" stroke="none" />
        <circle cx="74" cy="34" r="6" fill="#E0A878" stroke="none" />
        <ellipse cx="50" cy="58" rx="33" ry="30" fill="#A5683F" />
        <ellipse cx="50" cy="71" rx="17" ry="14" fill="#E9C39E" strokeWidth="2" />
        {eyes(53)}
        <ellipse cx="50" cy="65" rx="6.5" ry="4.5" fill={INK} />
        {smile(74)}
      </>
    ),
  },
};

/** A round portrait; the name beside it says who it is, so it is hidden from screen readers. */
export function Avatar({ id, size = 96 }: { id: string; size?: number }) {
  const animal = (Object.keys(ANIMALS).includes(id) && ANIMALS[id]) || ANIMALS.fox!;
  return (
    <svg className="avatar" viewBox="0 0 100 100" width={size} height={size} aria-hidden="true" focusable="false">
      <circle cx="50" cy="50" r="47" fill={animal.backdrop} stroke={INK} strokeWidth="4" />
      <g transform="translate(9 9) scale(.82)" stroke={INK} strokeWidth="3.6" strokeLinejoin="round">
        {animal.art}
      </g>
    </svg>
  );
}
