/** The paper city by day that lies under the menus. */

const LANTERNS = ['#FFC53D', '#FF9C8F', '#B9A3FF'] as const;

/** Places on the string, each as far down as the string hangs there. */
const HUNG: readonly (readonly [x: number, y: number])[] = [
  [90, 84], [210, 96], [330, 97], [470, 88], [590, 72], [720, 58], [850, 52], [980, 52], [1110, 60],
];

/** A house with a curved roof: left edge, width, and how high the eaves are. */
const FAR: readonly (readonly [x: number, width: number, eaves: number])[] = [
  [30, 90, 112], [168, 120, 96], [352, 84, 122], [496, 110, 74], [668, 96, 106], [820, 124, 84], [1010, 90, 116], [1116, 100, 92],
];
const NEAR: readonly (readonly [x: number, width: number, eaves: number])[] = [
  [-20, 110, 156], [110, 84, 146], [236, 116, 158], [400, 104, 150], [546, 90, 162], [690, 120, 148], [858, 88, 158], [990, 116, 152], [1130, 96, 160],
];

function House({ x, width, eaves, roof }: { x: number; width: number; eaves: number; roof: string }) {
  const middle = x + width / 2;
  return (
    <>
      <rect x={x + 8} y={eaves} width={width - 16} height={220 - eaves} />
      <path
        d={`M${x - 8} ${eaves + 8} Q${x + 16} ${eaves - 2} ${middle - 14} ${eaves - 30} H${middle + 14} Q${x + width - 16} ${eaves - 2} ${x + width + 8} ${eaves + 8} Z`}
        fill={roof}
      />
    </>
  );
}

function Windows({ x, width, eaves }: { x: number; width: number; eaves: number }) {
  const columns = width > 100 ? [-26, 0, 26] : [-16, 16];
  return (
    <>
      {columns.map((dx) => (
        <rect key={dx} x={x + width / 2 + dx - 6} y={eaves + 20} width="12" height="16" rx="3" />
      ))}
    </>
  );
}

export function PaperCity() {
  return (
    <svg className="paper-city" viewBox="0 0 1200 220" preserveAspectRatio="xMidYMax slice" aria-hidden="true" focusable="false">
      <g fill="#F5EAD3">
        <path d="M0 220 V150 Q300 118 600 150 T1200 140 V220 Z" />
        {FAR.map(([x, width, eaves]) => (
          <House key={x} x={x} width={width} eaves={eaves} roof="#EFDFC0" />
        ))}
      </g>
      <g fill="#FFF8EC">
        {FAR.map(([x, width, eaves]) => (
          <Windows key={x} x={x} width={width} eaves={eaves} />
        ))}
      </g>
      <g fill="#EBDBBB">
        <path d="M0 220 V190 H1200 V220 Z" />
        {NEAR.map(([x, width, eaves]) => (
          <House key={x} x={x} width={width} eaves={eaves} roof="#E2CDA3" />
        ))}
      </g>
      <g fill="#FFE3A6">
        {NEAR.map(([x, width, eaves]) => (
          <Windows key={x} x={x} width={width} eaves={eaves} />
        ))}
      </g>
      <g stroke="#1F2150" strokeWidth="2.5" strokeLinejoin="round" opacity=".6">
        <path d="M0 60 Q300 130 600 70 T1200 66" fill="none" />
        {HUNG.map(([x, y], index) => (
          <g key={x} className="city-lantern" transform={`translate(${x} ${y})`}>
            <path d="M0 0 v6 M-5 6 h10 v4 h-10 Z M-9 10 C-14 18 -14 26 -9 33 H9 C14 26 14 18 9 10 Z M-5 33 h10 v4 h-10 Z" fill={LANTERNS[index % 3]} />
          </g>
        ))}
      </g>
    </svg>
  );
}
