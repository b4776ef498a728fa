/** How many cards go side by side, so that they are as large as the board allows. */

/** Height of a card to its width: the better, and the least where the board is low. */
const TALL = 1.2;
const LEAST_TALL = 1.06;
const WIDEST = 180;
/** A row that is not full must make the cards so much larger, for each card that it lacks. */
const COST_OF_A_GAP = 0.05;
export const GAP = 12;

export interface Layout {
  columns: number;
  rows: number;
  width: number;
  height: number;
}

export function layoutOf(cards: number, width: number, height: number): Layout {
  let best: Layout = { columns: 1, rows: cards, width: 1, height: 1 };
  let most = 0;
  for (let columns = 2; columns <= cards; columns += 1) {
    const rows = Math.ceil(cards / columns);
    const gaps = columns * rows - cards;
    const wide = (width - GAP * (columns + 1)) / columns;
    const high = (height - GAP * (rows + 1)) / rows;
    const fits = Math.floor(Math.min(WIDEST, wide, high / LEAST_TALL));
    const worth = fits * (1 - COST_OF_A_GAP * gaps);
    // A card alone in its row looks lost.
    if (worth <= most || gaps === columns - 1) continue;
    most = worth;
    best = { columns, rows, width: fits, height: Math.floor(Math.min(fits * TALL, high)) };
  }
  return best;
}
