/** What each level asks for. */

export const LEVELS = [1, 20] as const;

export interface Level {
  /** A picture is compared with the one so many stones before. */
  back: number;
  /** Steps from a stone to the next one. */
  interval: number;
  /** Of a hundred stones that differ, so many show the picture of one stone beside the right one. */
  lures: number;
  /** Pictures that may come. */
  pictures: number;
  /** How clearly the stone to compare with still shows its picture, in percent. */
  trace: number;
}

const level = (back: number, interval: number, lures: number, pictures: number, trace: number): Level => ({ back, interval, lures, pictures, trace });

/** Each number of stones back begins with help and without lures. */
const TABLE: readonly Level[] = [
  level(1, 144, 0, 3, 60),
  level(1, 141, 0, 3, 45),
  level(1, 138, 10, 4, 30),
  level(1, 134, 20, 4, 15),
  level(1, 129, 30, 5, 0),
  level(2, 126, 0, 3, 50),
  level(2, 125, 5, 4, 40),
  level(2, 124, 10, 4, 30),
  level(2, 122, 15, 5, 20),
  level(2, 120, 20, 5, 10),
  level(2, 118, 25, 6, 0),
  level(2, 115, 30, 6, 0),
  level(2, 111, 40, 6, 0),
  level(3, 110, 0, 4, 40),
  level(3, 109, 10, 5, 30),
  level(3, 107, 15, 5, 20),
  level(3, 105, 20, 6, 10),
  level(3, 101, 30, 6, 0),
  level(3, 96, 40, 7, 0),
  level(3, 90, 50, 8, 0),
];

export const MOST_BACK = 3;

export const levelAt = (number: number): Level => TABLE[number - 1] ?? TABLE[0]!;

/** The easiest and the hardest level of each number of stones back (index 0 is not used). */
const RANGES: readonly (readonly [number, number])[] = [LEVELS, [1, 5], [6, 13], [14, 20]];

export const rangeOf = (back: number): readonly [number, number] => RANGES[back] ?? LEVELS;

/** A walk keeps its number of stones back: the nearest level that has it. */
export function levelIn(back: number, number: number): number {
  const [easiest, hardest] = rangeOf(back);
  return Math.max(easiest, Math.min(hardest, number));
}
