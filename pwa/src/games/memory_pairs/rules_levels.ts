/** What each level asks, and how long things take, in steps of 1/60 s. */

export const LEVELS = [1, 20] as const;

/** Pictures come in families (moons, fish ...), each in as many forms (plain, with dots ...). */
export const FAMILIES = 12;
export const FORMS = 4;
export const MOST_CARDS = 20;

export interface Level {
  pairs: number;
  /** Steps for which all cards show themselves before the first turn. */
  look: number;
  /** Pairs of the same family on a board: they differ in form only. */
  alike: number;
  /** Two cards swap places after so many turns; 0 for never. */
  swap: number;
}

const level = (pairs: number, look: number, alike: number, swap: number): Level => ({ pairs, look, alike, swap });

const TABLE: readonly Level[] = [
  level(3, 300, 1, 0),
  level(3, 180, 1, 0),
  level(4, 240, 1, 0),
  level(4, 150, 1, 0),
  level(5, 180, 1, 0),
  level(5, 90, 1, 0),
  level(6, 120, 1, 0),
  level(6, 0, 1, 0),
  level(7, 0, 1, 0),
  level(7, 0, 2, 0),
  level(8, 0, 2, 0),
  level(8, 0, 2, 6),
  level(8, 0, 3, 6),
  level(9, 0, 2, 6),
  level(9, 0, 3, 6),
  level(9, 0, 3, 5),
  level(10, 0, 3, 5),
  level(10, 0, 4, 5),
  level(10, 0, 4, 4),
  level(10, 0, 4, 4),
];

const EASIEST = level(3, 300, 1, 0);

export function levelAt(number: number): Level {
  return TABLE[number - 1] ?? EASIEST;
}

/** The cards of a new board fly in. */
export const DEAL_STEPS = 40;
/** From one card to the next, at the least: the first is seen before the second. */
export const TURN_STEPS = 18;
/** After a pair, before the next card. */
export const PAIR_STEPS = 36;
/** Two cards that differ stay open for so long, and at least for the shorter time. */
export const OPEN_STEPS = 96;
export const SEEN_STEPS = 48;
/** Two cards swap places. */
export const SWAP_STEPS = 54;
/** A board that is done is looked at. */
export const CLEARED_STEPS = 80;
