/** Neo, the robot-axolotl: one drawing of parts, moved by CSS (see art.css). */

/** `sleep`: a nap beside the games kept safe; `rest`: the sleep of the evening. */
export type Mood = 'idle' | 'run' | 'cheer' | 'think' | 'sleep' | 'rest' | 'wave' | 'sing' | 'listen';

const INK = '#1F2150';

const isAsleep = (mood: Mood) => mood === 'sleep' || mood === 'rest';

function Gills({ side }: { side: 'left' | 'right' }) {
  return (
    <g className={`neo-gills neo-gills-${side}`} transform={side === 'left' ? undefined : 'matrix(-1 0 0 1 220 0)'}>
      {[-34, -4, 26].map((angle, index) => (
        <g key={angle} transform={`rotate(${angle} 62 78)`}>
          <path
            className={`neo-gill neo-gill-${index}`}
            d="M64 72 C44 62 30 62 16 68 C22 72 24 74 22 78 C16 78 14 80 12 84 C30 90 48 88 64 84 Z"
            fill={index === 1 ? '#FF7A6B' : '#E8493D'}
            stroke={INK}
            strokeWidth="4"
            strokeLinejoin="round"
          />
        </g>
      ))}
    </g>
  );
}

function Eyes({ mood }: { mood: Mood }) {
  const line = { fill: 'none', stroke: '#3DDCB0', strokeWidth: 6, strokeLinecap: 'round' as const };
  if (mood === 'cheer') {
    return (
      <g {...line}>
        <path d="M80 86 q8 -12 16 0" />
        <path d="M124 86 q8 -12 16 0" />
      </g>
    );
  }
  if (isAsleep(mood)) {
    return (
      <g {...line}>
        <path d="M79 84 q9 8 18 0" />
        <path d="M123 84 q9 8 18 0" />
      </g>
    );
  }
  const dy = mood === 'think' ? -4 : 0;
  const dx = mood === 'think' || mood === 'listen' ? 5 : 0;
  return (
    <g className="neo-eyes">
      {[88, 132].map((x) => (
        <g key={x}>
          <ellipse cx={x} cy={83} rx="10" ry="12" fill="#3DDCB0" />
          <circle cx={x + dx} cy={85 + dy} r="5.5" fill="#0E1029" />
          <circle cx={x + dx + 3} cy={80 + dy} r="2.5" fill="#FFF8EC" />
        </g>
      ))}
    </g>
  );
}

const MOUTHS: Record<Mood, string> = {
  idle: 'M102 100 q8 7 16 0',
  run: 'M102 99 q8 10 16 0',
  wave: 'M100 99 q10 11 20 0',
  cheer: 'M98 98 q12 16 24 0 z',
  think: 'M104 100 q7 4 13 -1',
  sleep: 'M105 102 q5 4 10 0',
  rest: 'M105 102 q5 4 10 0',
  sing: 'M103 99 q7 -5 14 0 q0 11 -7 11 q-7 0 -7 -11 z',
  listen: 'M103 101 q7 5 14 0',
};

function Arm({ raised, side }: { raised: boolean; side: 'left' | 'right' }) {
  const down = 'M70 148 C54 150 48 162 52 174';
  const up = 'M70 146 C50 142 38 128 36 112';
  return (
    <g
      className={raised ? `neo-arm neo-arm-up neo-arm-${side}` : 'neo-arm'}
      transform={side === 'left' ? undefined : 'matrix(-1 0 0 1 220 0)'}
    >
      <g className={`neo-swing neo-swing-${side}`}>
        <path d={raised ? up : down} fill="none" stroke={INK} strokeWidth="22" strokeLinecap="round" />
        <path d={raised ? up : down} fill="none" stroke="#B9A3FF" strokeWidth="14" strokeLinecap="round" />
      </g>
    </g>
  );
}

/** A hand behind the ear, and what it hears. */
function ListeningHand() {
  const arm = 'M150 152 C184 152 200 128 188 100';
  return (
    <g strokeLinecap="round" fill="none">
      <path d={arm} stroke={INK} strokeWidth="22" />
      <path d={arm} stroke="#B9A3FF" strokeWidth="14" />
      <path d="M176 104 C172 84 180 68 194 70 C204 72 202 88 196 106 Z" fill="#CDBCFF" />
      <path className="neo-hears" d="M214 66 q12 18 0 36 M228 54 q20 30 0 60" stroke="#FFC53D" strokeWidth="6" />
    </g>
  );
}

/** The box of games kept safe, by which Neo naps. */
function SafeBox() {
  return (
    <g stroke={INK} strokeWidth="4" strokeLinejoin="round" strokeLinecap="round">
      <path d="M2 176 H62 V222 H2 Z" fill="#F08A3C" />
      <path d="M-3 162 H67 V178 H-3 Z" fill="#FFC53D" />
      <path d="M20 199 l9 9 16 -18" fill="none" stroke="#FFF8EC" strokeWidth="7" />
    </g>
  );
}

export function Neo({ mood = 'idle', size = 160 }: { mood?: Mood; size?: number }) {
  const cheering = mood === 'cheer';
  return (
    <svg
      className={`neo neo-${mood}`}
      viewBox="0 0 220 230"
      width={size}
      height={(size * 230) / 220}
      aria-hidden="true"
      focusable="false"
    >
      <ellipse className="neo-shadow" cx="110" cy="220" rx="56" ry="8" fill={INK} opacity="0.18" />
      {mood === 'sleep' && <SafeBox />}
      <g className="neo-all" stroke={INK} strokeWidth="4" strokeLinejoin="round">
        <path
          className="neo-tail"
          d="M146 186 C178 194 200 178 204 148 C206 138 196 136 190 144 C182 160 168 166 146 160 Z"
          fill="#B9A3FF"
        />
        <path className="neo-tail" d="M188 150 C192 160 182 178 164 182" fill="none" stroke="#FF7A6B" strokeWidth="5" strokeLinecap="round" />
        <rect className="neo-leg" x="84" y="196" width="24" height="22" rx="10" fill="#8E78E8" />
        <rect className="neo-leg neo-leg-right" x="114" y="196" width="24" height="22" rx="10" fill="#8E78E8" />
        <Arm side="left" raised={cheering || mood === 'wave' || mood === 'sing'} />
        {mood !== 'listen' && <Arm side="right" raised={cheering || mood === 'sing'} />}
        <path d="M72 138 C72 126 148 126 148 138 L152 182 C152 208 68 208 68 182 Z" fill="#B9A3FF" />
        <path d="M88 150 C88 144 132 144 132 150 L134 180 C134 194 86 194 86 180 Z" fill="#FFF8EC" />
        <g className="neo-heart">
          <rect x="101" y="158" width="18" height="22" rx="7" fill="#FFC53D" strokeWidth="3" />
          <path d="M105 158 v-4 h10 v4 M105 180 v4 h10 v-4" fill="none" strokeWidth="3" />
        </g>
        <Gills side="left" />
        <Gills side="right" />
        <path d="M110 36 V20" fill="none" strokeWidth="5" strokeLinecap="round" />
        <circle className="neo-bulb" cx="110" cy="16" r="9" fill="#FFC53D" />
        <rect x="48" y="36" width="124" height="98" rx="46" fill="#CDBCFF" />
        <path d="M62 60 C70 44 92 42 104 42" fill="none" stroke="#FFF8EC" strokeWidth="6" strokeLinecap="round" opacity="0.8" />
        <rect x="64" y="60" width="92" height="58" rx="27" fill="#171A3F" />
        <g stroke="none">
          <Eyes mood={mood} />
          <path d={MOUTHS[mood]} fill={cheering || mood === 'sing' ? '#FF7A6B' : 'none'} stroke="#FF7A6B" strokeWidth="4" strokeLinecap="round" />
          <circle cx="74" cy="104" r="6" fill="#E8493D" opacity="0.55" />
          <circle cx="146" cy="104" r="6" fill="#E8493D" opacity="0.55" />
        </g>
        {mood === 'listen' && <ListeningHand />}
      </g>
      {isAsleep(mood) && (
        <g className="neo-zzz" fill="none" stroke={INK} strokeWidth="5" strokeLinecap="round" strokeLinejoin="round">
          <path d="M178 34 h14 l-14 16 h14" />
          <path d="M198 10 h10 l-10 12 h10" />
        </g>
      )}
      {mood === 'think' && (
        <g fill="#FFF8EC" stroke={INK} strokeWidth="4">
          <circle cx="178" cy="44" r="5" />
          <circle cx="190" cy="28" r="8" />
        </g>
      )}
    </svg>
  );
}
