/** How many drums stand side by side, so that they are as large as the board allows. */

const LARGEST = 260;
export const GAP = 10;

export interface Layout {
  columns: number;
  size: number;
}

export function layoutOf(drums: number, width: number, height: number): Layout {
  let best: Layout = { columns: 2, size: 1 };
  for (let columns = 2; columns <= drums; columns += 1) {
    const rows = Math.ceil(drums / columns);
    const size = Math.floor(Math.min(LARGEST, width / columns - GAP, height / rows - GAP));
    if (size > best.size) best = { columns, size };
  }
  return best;
}
