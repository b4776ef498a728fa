/** Makes a round easier or harder while it is played, so that the share of right answers comes to
 * rest at a target: a weighted staircase (Kaernbach 1991). Each right answer climbs `up` parts of a
 * level, each wrong one falls `down` parts; the two balance where right : wrong = down : up. */

/** Parts of a level. */
const PART_BITS = 4;

export interface StairRule {
  /** Parts (sixteenths of a level) that a right answer climbs and a wrong one falls.
   * 2 and 8 balance at 80 % right. The larger first steps end with a fall, so more of a round lies below
   * the resting level than above it: with 2 and 7, 80 % of a round are right. */
  up: number;
  down: number;
  levels: readonly [number, number];
  /** No step is larger than another: where the level holds for many answers, larger ones would run away. */
  isEven?: boolean;
}

export interface Stair {
  /** The place, in parts of a level. */
  at: number;
  /** Changes of direction so far. Until the first ones, steps are larger, to get near fast. */
  turns: number;
  /** 1 after a right answer, -1 after a wrong one, 0 before the first. */
  way: number;
  /** Sum of `at` over the answers since the second turn, and their number. */
  sum: number;
  count: number;
}

/** Steps are 4 times as large up to the first turn, twice up to the third; the step that turns belongs to
 * those before it. So its size is set before the answer is known, and right and wrong weigh alike. If
 * the fall that ends a fast climb were smaller, each round would start with a climb too far. */
const BOOSTS = [4, 2, 2] as const;
const SETTLED_TURNS = 2;

export function newStair(level: number): Stair {
  // In the middle of its level: the first answer alone does not change it.
  return { at: (level << PART_BITS) + (1 << (PART_BITS - 1)), turns: 0, way: 0, sum: 0, count: 0 };
}

export function answer(stair: Stair, right: boolean, { up, down, levels, isEven = false }: StairRule): void {
  const boost = isEven ? 1 : (BOOSTS[stair.turns] ?? 1);
  const way = right ? 1 : -1;
  if (stair.way === -way) stair.turns += 1;
  stair.way = way;
  const moved = stair.at + Math.imul(right ? up : -down, boost);
  stair.at = Math.max(levels[0] << PART_BITS, Math.min((levels[1] << PART_BITS) + (1 << PART_BITS) - 1, moved));
  if (stair.turns < SETTLED_TURNS) return;
  stair.sum += stair.at;
  stair.count += 1;
}

/** The level now. */
export function levelOf(stair: Stair): number {
  return stair.at >> PART_BITS;
}

/** The level to start the next round at: the mean since the staircase settled, else the last. */
export function restingLevel(stair: Stair): number {
  if (stair.count < FEWEST_ANSWERS) return levelOf(stair);
  return wholeQuotient(stair.sum, stair.count) >> PART_BITS;
}

/** Fewer answers give no mean worth more than the last level. */
const FEWEST_ANSWERS = 6;

function wholeQuotient(sum: number, count: number): number {
  /* eslint-disable-next-line no-restricted-syntax -- IEEE 754 gives one quotient of two whole numbers, everywhere. */
  return Math.floor(sum / count);
}
