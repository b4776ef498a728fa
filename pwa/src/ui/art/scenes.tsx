/** The scene on each game's tile: Neo at the game's task. Loaded after the first screen. */

import type { ReactNode } from 'react';

import { Neo, type Mood } from './Neo.tsx';

const INK = '#0E1029';
const SUN = '#FFC53D';
const CORAL = '#FF7A6B';
const MINT = '#3DDCB0';
const LILAC = '#B9A3FF';
const PAPER = '#FFF8EC';

/** The city's lantern string; a scene's things may hang from it. */
function LanternString() {
  return (
    <g strokeLinejoin="round">
      <path d="M-200 14 Q-110 50 -20 18 Q70 -6 160 22 Q250 46 340 14 Q430 -8 520 20" fill="none" stroke={LILAC} strokeWidth="2" opacity=".7" />
      {([[-60, 31], [48, 10], [118, 14], [212, 33], [372, 7]] as const).map(([x, y], index) => (
        <g key={x} className={`scene-sway scene-beat-${index % 4}`}>
          <circle cx={x} cy={y + 11} r="16" fill={index % 2 ? CORAL : SUN} opacity=".22" />
          <path d={`M${x} ${y} v4 M${x - 5} ${y + 4} c-4 5 -4 9 0 14 h10 c4 -5 4 -9 0 -14 Z`} fill={index % 2 ? CORAL : SUN} stroke={INK} strokeWidth="2" />
        </g>
      ))}
    </g>
  );
}

function Ground({ fill = '#2A2E6B', top = '#3D3F8C' }: { fill?: string; top?: string }) {
  return (
    <>
      <path d="M-200 124 Q160 112 520 124 V160 H-200 Z" fill={top} />
      <path d="M-200 128 Q160 117 520 128 V160 H-200 Z" fill={fill} />
    </>
  );
}

/** Neo's feet stand at `y`. */
function NeoAt({ x, y, size, mood }: { x: number; y: number; size: number; mood: Mood }) {
  return (
    <g transform={`translate(${x - size / 2} ${y - size})`}>
      <circle cx={size / 2} cy={size * 0.5} r={size * 0.66} fill={LILAC} opacity=".07" />
      <circle cx={size / 2} cy={size * 0.5} r={size * 0.52} fill={LILAC} opacity=".09" />
      <Neo mood={mood} size={size} />
    </g>
  );
}

function Orb({ x, y, r = 9, late = 0 }: { x: number; y: number; r?: number; late?: 0 | 1 | 2 | 3 }) {
  return (
    <g className={`scene-bob scene-beat-${late}`}>
      <circle cx={x} cy={y} r={r * 1.8} fill={SUN} opacity=".22" />
      <circle cx={x} cy={y} r={r} fill={SUN} stroke={INK} strokeWidth="2.5" />
      <path d={`M${x} ${y - r} C${x + r * 0.7} ${y - r / 2} ${x + r * 0.7} ${y + r / 2} ${x} ${y + r}`} fill="none" stroke="#E8A421" strokeWidth="1.8" />
      <circle cx={x - r / 2.6} cy={y - r / 2.6} r={r / 3.6} fill={PAPER} />
    </g>
  );
}

/** The left line of the road. It begins one dash above the horizon, from where the dashes come. */
function Dashes() {
  return (
    <path className="scene-road" d="M161.4 93.3 L108 160" stroke={LILAC} strokeWidth="2.5" strokeDasharray="7 8" />
  );
}

/** Run: Neo on the road, orbs to catch, spikes to dodge, a square to leave alone. */
function Runner() {
  return (
    <>
      <LanternString />
      <path d="M-200 118 H520 V160 H-200 Z" fill="#1B1D4A" />
      <path d="M136 104 H184 L300 160 H20 Z" fill="#3B3A8A" stroke={INK} strokeWidth="3" />
      <path d="M140 105 L38 160 M180 105 L282 160" stroke={SUN} strokeWidth="2.5" />
      <svg x="0" y="105" width="320" height="55" viewBox="0 105 320 55">
        <Dashes />
        <g transform="translate(320) scale(-1 1)">
          <Dashes />
        </g>
      </svg>
      <Orb x={206} y={116} r={6} late={1} />
      <Orb x={236} y={132} r={10} />
      <g className="scene-blink" stroke={INK} strokeWidth="2.5">
        <rect x="112" y="104" width="15" height="15" rx="3" fill={LILAC} />
        <rect x="116" y="108" width="7" height="7" rx="1.5" fill={PAPER} opacity=".6" stroke="none" />
      </g>
      <path d="M62 150 L70 122 L79 140 L88 114 L97 138 L106 120 L113 150 Z" fill="#E8493D" stroke={INK} strokeWidth="3" strokeLinejoin="round" />
      <path d="M76 148 L81 138 L86 146 L90 128 L96 146 L103 134 L104 148 Z" fill={CORAL} />
      <NeoAt x={160} y={156} size={98} mood="run" />
    </>
  );
}

/** Go or stop: Neo on the crossing; the round lantern says go, the one with corners says wait. */
function Signals() {
  return (
    <>
      <path d="M-200 110 H520 V160 H-200 Z" fill="#32347F" />
      <path d="M-200 108 H520" stroke={INK} strokeWidth="4" />
      {[-150, -106, -62, -18, 26, 70, 114, 158, 202, 246, 290, 334, 378, 422, 466].map((x) => (
        <path key={x} d={`M${x} 126 h22 l6 24 h-26 Z`} fill={PAPER} opacity=".85" />
      ))}
      <path d="M-200 2 Q160 24 520 2" fill="none" stroke={LILAC} strokeWidth="2" opacity=".8" />
      <g stroke={INK} strokeWidth="3.5" strokeLinejoin="round">
        <g className="scene-go scene-beat-2">
          <circle cx="236" cy="76" r="38" fill={CORAL} opacity=".2" stroke="none" />
          <path d="M223 52 h26 l14 24 l-14 24 h-26 l-14 -24 Z" fill={CORAL} />
          <path d="M226 48 h20 v8 h-20 Z M228 96 h16 v8 h-16 Z" fill="#5B4BB8" strokeWidth="3" />
          <path d="M230 67 v18 M242 67 v18" fill="none" stroke={PAPER} strokeWidth="7" strokeLinecap="round" />
        </g>
        <g className="scene-go">
          <circle cx="84" cy="70" r="42" fill={SUN} opacity=".25" stroke="none" />
          <circle cx="84" cy="70" r="27" fill={SUN} />
          <path d="M77 46 Q65 70 77 94 M91 46 Q103 70 91 94" fill="none" stroke="#E8A421" strokeWidth="2.5" />
          <path d="M73 39 h22 v8 h-22 Z M75 93 h18 v8 h-18 Z" fill="#5B4BB8" strokeWidth="3" />
        </g>
      </g>
      <path d="M84 11 V38 M236 14 V48" stroke={LILAC} strokeWidth="2" opacity=".8" />
      <NeoAt x={160} y={152} size={96} mood="idle" />
    </>
  );
}

/** Find the pair: paper cards on a line, two of them alike. */
function Pairs() {
  const card = (x: number, y: number, art: ReactNode, open = true) => (
    <g key={x} transform={`translate(${x} ${y})`} stroke={INK} strokeWidth="2.5" strokeLinejoin="round">
      <rect width="38" height="50" rx="7" fill={open ? PAPER : '#8E78E8'} />
      {art}
      <rect x="15" y="-6" width="8" height="13" rx="3" fill={SUN} strokeWidth="2" />
    </g>
  );
  const back = (
    <g strokeWidth="2">
      <path d="M13 15 C6 20 6 31 13 36 H25 C32 31 32 20 25 15 Z" fill={LILAC} />
      <path d="M16.5 15.5 C13 21 13 30 16.5 35.5 M21.5 15.5 C25 21 25 30 21.5 35.5" fill="none" strokeWidth="1.4" />
      <path d="M14 11.5 h10 v4 h-10 Z M14.5 36 h9 v3.5 h-9 Z" fill={SUN} />
    </g>
  );
  const fish = (
    <g strokeWidth="2.2">
      <path d="M26 25 L34 18 V32 Z" fill={CORAL} />
      <ellipse cx="18" cy="25" rx="11" ry="8" fill={CORAL} />
      <circle cx="13" cy="23.5" r="2" fill={INK} stroke="none" />
    </g>
  );
  return (
    <>
      <Ground />
      <path d="M-200 26 Q160 74 520 26" fill="none" stroke={PAPER} strokeWidth="2.5" opacity=".85" />
      {card(18, 42, back, false)}
      {card(68, 47, fish)}
      <g className="scene-flip scene-beat-2">{card(214, 47, fish)}</g>
      {card(264, 42, back, false)}
      <NeoAt x={160} y={154} size={98} mood="idle" />
    </>
  );
}

/** Hear and repeat: four drums light up one after the other. */
function Echo() {
  const drum = (x: number, fill: string, late: number, sign: ReactNode) => (
    <g key={x} className={`scene-beat scene-beat-${late}`} stroke={INK} strokeWidth="3" strokeLinejoin="round">
      <path d={`M${x - 21} 112 V134 C${x - 21} 148 ${x + 21} 148 ${x + 21} 134 V112 Z`} fill={fill} />
      <ellipse cx={x} cy="112" rx="21" ry="9" fill={PAPER} />
      <g fill={fill} strokeWidth="2">{sign}</g>
    </g>
  );
  return (
    <>
      <Ground />
      <g fill={SUN} stroke={INK} strokeWidth="2">
        <path className="scene-note" d="M206 62 a5 4 0 1 1 -2 -3 V40 l13 -4 v6 l-11 4 Z" />
        <path className="scene-note scene-beat-2" d="M112 54 a5 4 0 1 1 -2 -3 V32 l13 -4 v6 l-11 4 Z" fill={MINT} />
      </g>
      <NeoAt x={160} y={146} size={98} mood="cheer" />
      {drum(52, CORAL, 0, <circle cx="52" cy="112" r="4.5" />)}
      {drum(106, SUN, 1, <path d="M106 107 l6 8 h-12 Z" />)}
      {drum(214, MINT, 2, <rect x="209" y="108" width="10" height="8" />)}
      {drum(268, LILAC, 3, <path d="M268 106 l7 6 -7 6 -7 -6 Z" />)}
    </>
  );
}

/** Reckon: sky lanterns carry a sum. */
function Numbers() {
  const lantern = (x: number, y: number, fill: string, text: string, late: number) => (
    <g key={x} className={`scene-bob scene-beat-${late}`} stroke={INK} strokeWidth="3" strokeLinejoin="round">
      <circle cx={x} cy={y} r="36" fill={fill} opacity=".18" stroke="none" />
      <path d={`M${x - 20} ${y - 16} Q${x} ${y - 34} ${x + 20} ${y - 16} L${x + 15} ${y + 20} H${x - 15} Z`} fill={fill} />
      <path d={`M${x - 12} ${y + 20} h24 v6 h-24 Z`} fill="#E8493D" />
      <text x={x} y={y + 11} fill={INK} stroke="none">{text}</text>
    </g>
  );
  return (
    <>
      <Ground />
      <g fontFamily="'Baloo 2 Variable', 'Trebuchet MS', sans-serif" fontWeight="800" fontSize="31" textAnchor="middle">
        {lantern(42, 60, SUN, '3', 0)}
        {lantern(96, 42, CORAL, '+', 1)}
        {lantern(222, 42, SUN, '4', 2)}
        {lantern(280, 66, MINT, '?', 3)}
      </g>
      <NeoAt x={160} y={154} size={98} mood="think" />
    </>
  );
}

/** Remember the way: stones with signs, and the one of two steps ago in mind. */
function Trail() {
  const stone = (x: number, y: number, sign: ReactNode, late: number, size = 1) => (
    <g key={x} transform={`translate(${x} ${y}) scale(${size})`}>
      <g className={`scene-bob scene-beat-${late}`} stroke={INK} strokeWidth="3" strokeLinejoin="round">
        <path d="M-26 0 V8 C-26 20 26 20 26 8 V0 Z" fill="#5A5D86" />
        <ellipse rx="26" ry="11" fill="#9EA1CC" />
        <g strokeWidth="2.2">{sign}</g>
      </g>
    </g>
  );
  const star = <path d="M0 -7 L2.6 -2 L9 -1.6 L4 2 L5.8 7 L0 4.2 L-5.8 7 L-4 2 L-9 -1.6 L-2.6 -2 Z" fill={SUN} />;
  return (
    <>
      <path d="M-200 116 Q160 106 520 116 V160 H-200 Z" fill="#1F4C7A" />
      <path d="M-40 132 q12 -6 24 0 t24 0 M110 124 q10 -5 20 0 t20 0 M262 150 q12 -6 24 0 t24 0 M330 128 q10 -5 20 0 t20 0" fill="none" stroke="#7FC4E8" strokeWidth="2.5" strokeLinecap="round" opacity=".7" />
      {stone(286, 118, <circle r="5.5" fill={MINT} />, 3, 0.8)}
      {stone(42, 136, star, 0)}
      {stone(112, 142, <path d="M0 -6 L8 0 L0 6 L-8 0 Z" fill={CORAL} />, 1)}
      <path d="M172 138 V146 C172 158 236 158 236 146 V138 Z" fill="#5A5D86" stroke={INK} strokeWidth="3" />
      <ellipse cx="204" cy="138" rx="32" ry="13" fill="#9EA1CC" stroke={INK} strokeWidth="3" />
      <NeoAt x={204} y={144} size={94} mood="think" />
      <g className="scene-bob scene-beat-2" fill={PAPER} stroke={INK} strokeWidth="2.5">
        <path d="M100 20 C116 8 136 14 138 28 C152 34 148 54 132 54 C120 64 100 60 96 52 C78 52 76 32 90 30 C90 24 94 20 100 20 Z" />
        <g transform="translate(113 37) scale(1.35)" strokeWidth="2">{star}</g>
      </g>
    </>
  );
}

export const SCENES: Record<string, () => ReactNode> = {
  cyber_runner: Runner,
  signal_stop: Signals,
  memory_pairs: Pairs,
  echo_sequence: Echo,
  number_rush: Numbers,
  n_back_trail: Trail,
};
