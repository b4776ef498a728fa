/** A paper lantern with the picture of a goal on it. The pictures load after the first screen. */

import type { GoalId } from '../../app/day/lanterns.ts';
import { useLaterArt } from './LaterArt.tsx';

const INK = '#1F2150';

export function GoalLantern({ id, lit, size = 52 }: { id: GoalId; lit: boolean; size?: number }) {
  const art = useLaterArt()?.GOALS[id];
  return (
    <svg className="goal-lantern" viewBox="0 0 60 64" width={size} height={(size * 64) / 60} aria-hidden="true" focusable="false">
      {lit && <circle className="lantern-glow" cx="30" cy="33" r="30" fill="#FFC53D" opacity=".38" />}
      <g stroke={INK} strokeWidth="3" strokeLinejoin="round" strokeLinecap="round" fill="none">
        <path d="M30 1 v6" />
        <path d="M14 13 C3 24 3 42 14 53 H46 C57 42 57 24 46 13 Z" fill={lit ? '#FFC53D' : '#FFFDF7'} strokeDasharray={lit ? undefined : '5 4'} />
        <path d="M18 7 h24 v6 h-24 Z M18 53 h24 v6 h-24 Z" fill={lit ? '#E8493D' : '#F3C9B5'} />
        <g transform="translate(18 21)" strokeWidth="2.6">
          {art}
        </g>
      </g>
    </svg>
  );
}
