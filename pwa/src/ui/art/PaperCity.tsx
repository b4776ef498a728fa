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
