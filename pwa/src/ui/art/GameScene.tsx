/** A small night scene for each game's tile. */

import type { ReactNode } from 'react';

const INK = '#0E1029';

function Night({ children }: { children: ReactNode }) {
  return (
    <svg className="scene" viewBox="0 0 160 100" preserveAspectRatio="xMidYMax slice" aria-hidden="true" focusable="false">
      <rect width="160" height="100" fill="#171A3F" />
      <circle cx="132" cy="20" r="10" fill="#FFF8EC" opacity=".9" />
      <g fill="#B9A3FF" opacity=".8">
        {[[14, 12], [38, 22], [64, 10], [96, 18], [150, 44], [112, 36], [26, 38]].map(([x, y]) => (
          <circle key={`${x} ${y}`} cx={x} cy={y} r="1.3" />
        ))}
      </g>
      <path d="M0 70 V52 h14 v-8 h12 v10 h10 V40 h16 v16 h12 v-8 h14 v12 h12 V44 h14 v10 h12 v-6 h16 v10 h14 v-4 h14 V100 H0 Z" fill="#0E1029" />
      <g fill="#FFC53D">
        {[[6, 58], [19, 50], [42, 46], [47, 54], [70, 56], [98, 50], [118, 58], [136, 54], [152, 60]].map(([x, y]) => (
          <rect key={`${x} ${y}`} x={x} y={y} width="4" height="5" rx="1" opacity=".85" />
        ))}
      </g>
      {children}
    </svg>
  );
}

const orb = (x: number, y: number, r = 7) => (
  <g className="scene-bob" key={`${x}${y}`}>
    <circle cx={x} cy={y} r={r * 1.7} fill="#FFC53D" opacity=".25" />
    <circle cx={x} cy={y} r={r} fill="#FFC53D" stroke={INK} strokeWidth="2" />
    <circle cx={x - r / 3} cy={y - r / 3} r={r / 3.5} fill="#FFF8EC" />
  </g>
);

const card = (x: number, y: number, fill: string, art?: ReactNode) => (
  <g key={`${x}${y}`} transform={`translate(${x} ${y})`} stroke={INK} strokeWidth="2">
    <rect width="24" height="30" rx="5" fill={fill} />
    {art}
  </g>
);

const SCENES: Record<string, ReactNode> = {
  cyber_runner: (
    <>
      <path d="M58 62 H102 L160 100 H0 Z" fill="#2A2E6B" />
      <path d="M72 62 L54 100 M88 62 L106 100" stroke="#B9A3FF" strokeWidth="2" strokeDasharray="6 6" className="scene-road" />
      {orb(114, 82, 8)}
      {orb(94, 68, 4)}
      <path d="M40 92 l5 -12 4 8 5 -10 4 14 Z" fill="#FF7A6B" stroke={INK} strokeWidth="2" strokeLinejoin="round" />
      <g className="scene-bob" stroke={INK} strokeWidth="2">
        <path d="M66 70 l-9 -4 M66 74 h-9 M94 70 l9 -4 M94 74 h9" stroke="#FF7A6B" strokeWidth="4" strokeLinecap="round" />
        <rect x="64" y="62" width="32" height="24" rx="11" fill="#CDBCFF" />
        <rect x="68" y="82" width="24" height="14" rx="7" fill="#B9A3FF" />
        <circle cx="80" cy="59" r="3.5" fill="#FFC53D" />
      </g>
    </>
  ),
  signal_stop: (
    <>
      <rect x="66" y="30" width="28" height="58" rx="12" fill="#5A5D86" stroke={INK} strokeWidth="2.5" />
      <circle cx="80" cy="46" r="9" fill="#FF7A6B" stroke={INK} strokeWidth="2" />
      <circle className="scene-bob" cx="80" cy="71" r="9" fill="#3DDCB0" stroke={INK} strokeWidth="2" />
    </>
  ),
  memory_pairs: (
    <>
      {card(38, 56, '#B9A3FF')}
      {card(68, 52, '#FFF8EC', <circle cx="12" cy="15" r="7" fill="#FFC53D" />)}
      {card(98, 56, '#B9A3FF')}
    </>
  ),
  echo_sequence: (
    <g stroke={INK} strokeWidth="2.5">
      {['#FF7A6B', '#FFC53D', '#3DDCB0', '#B9A3FF'].map((fill, index) => (
        <rect key={fill} className="scene-beat" x={36 + index * 23} y={78 - index * 8} width="19" height={14 + index * 8} rx="6" fill={fill} />
      ))}
    </g>
  ),
  number_rush: (
    <g fontFamily="'Baloo 2 Variable', sans-serif" fontWeight="700" fontSize="26" textAnchor="middle" stroke={INK} strokeWidth="4" paintOrder="stroke">
      <text x="48" y="86" fill="#FFC53D">3</text>
      <text x="80" y="78" fill="#3DDCB0">+</text>
      <text x="112" y="86" fill="#FF7A6B">4</text>
    </g>
  ),
  n_back_trail: (
    <>
      <path d="M22 90 C50 88 50 66 80 68 S112 50 140 56" fill="none" stroke="#B9A3FF" strokeWidth="3" strokeDasharray="3 7" strokeLinecap="round" />
      {orb(34, 88, 6)}
      {orb(80, 68, 6)}
      {orb(126, 56, 6)}
    </>
  ),
};

export function GameScene({ id }: { id: string }) {
  return <Night>{SCENES[id]}</Night>;
}

/** The paper city by day that lies under the menus. */
export function PaperCity() {
  return (
    <svg className="paper-city" viewBox="0 0 1200 220" preserveAspectRatio="xMidYMax slice" aria-hidden="true" focusable="false">
      <path d="M0 220 V120 h60 V80 l40 -30 40 30 v40 h50 V60 h80 v70 h40 V90 h60 l30 -34 30 34 v40 h60 V70 h70 v60 h50 V50 l45 -32 45 32 v80 h60 V96 h80 v34 h50 V66 h90 v60 h60 V86 l36 -28 36 28 v44 H1200 V220 Z" fill="#F3E6CC" />
      <path d="M0 220 V160 h90 v-34 h70 v40 h80 v-56 l34 -24 34 24 v52 h90 v-30 h80 v36 h70 V120 h80 v46 h90 v-36 l40 -28 40 28 v40 h90 v-26 h80 v30 h60 v-44 h90 v40 H1200 V220 Z" fill="#E9D8B8" />
      <g stroke="#1F2150" strokeWidth="2.5" opacity=".55">
        <path d="M0 60 Q300 130 600 70 T1200 66" fill="none" />
        {[90, 210, 330, 470, 590, 720, 850, 980, 1110].map((x, index) => (
          <g key={x} className="city-lantern" transform={`translate(${x} ${[84, 96, 97, 88, 72, 58, 52, 52, 60][index]})`}>
            <path d="M0 0 v8" />
            <path d="M-9 10 C-13 18 -13 26 -9 32 H9 C13 26 13 18 9 10 Z" fill={['#FFC53D', '#FF9C8F', '#B9A3FF'][index % 3]} />
          </g>
        ))}
      </g>
    </svg>
  );
}
