/** What is asked at each level, and how much time there is for it. */

/** Which lantern holds the most dots; which number is the greatest; sums of dots, then of numbers;
 * differences; products. */
export const MOST_DOTS = 0;
export const MOST = 1;
export const PLUS_DOTS = 2;
export const PLUS = 3;
export const MINUS = 4;
export const TIMES = 5;

/** The numbers of one sort of task. They lie from `low` to `high`: of MOST the answers; of PLUS and
 * MINUS the sum of the two last digits, so that 10 and less carries nothing; of TIMES the first
 * number. `firstTens` and `secondTens` are the most tens of the two numbers of a sum, from one on
 * (0: none); of TIMES they are the least and the greatest second number. */
export interface Sort {
  kind: number;
  low: number;
  high: number;
  firstTens: number;
  secondTens: number;
}

const sort = (kind: number, low: number, high: number, firstTens = 0, secondTens = 0): Sort => ({
  kind,
  low,
  high,
  firstTens,
  secondTens,
});

/** By level from 1 on: one of these, each as likely as the others. */
const SORTS: readonly (readonly Sort[])[] = [
  [sort(MOST_DOTS, 1, 5)],
  [sort(MOST_DOTS, 1, 9)],
  [sort(MOST_DOTS, 3, 9), sort(MOST, 1, 10)],
  [sort(PLUS_DOTS, 2, 5), sort(MOST, 1, 20)],
  [sort(PLUS_DOTS, 3, 8), sort(PLUS, 2, 5)],
  [sort(PLUS, 3, 9), sort(MINUS, 2, 5)],
  [sort(PLUS, 4, 10), sort(MINUS, 3, 9)],
  [sort(PLUS, 5, 12), sort(MINUS, 4, 10), sort(MOST, 12, 99)],
  [sort(PLUS, 8, 14), sort(MINUS, 6, 10)],
  [sort(PLUS, 11, 18), sort(MINUS, 8, 14)],
  [sort(PLUS, 11, 18), sort(MINUS, 11, 18), sort(TIMES, 2, 2, 2, 9)],
  [sort(PLUS, 2, 9, 3), sort(MINUS, 11, 18), sort(TIMES, 2, 5, 2, 6)],
  [sort(PLUS, 2, 9, 6), sort(MINUS, 3, 9, 4), sort(TIMES, 2, 5, 3, 9)],
  [sort(PLUS, 10, 18, 4), sort(MINUS, 3, 9, 8), sort(TIMES, 3, 6, 3, 9)],
  [sort(PLUS, 11, 18, 7), sort(MINUS, 11, 18, 4), sort(TIMES, 3, 7, 4, 9)],
  [sort(PLUS, 2, 9, 4, 3), sort(MINUS, 11, 18, 7), sort(TIMES, 4, 9, 4, 9)],
  [sort(PLUS, 2, 9, 5, 4), sort(MINUS, 2, 9, 4, 3), sort(TIMES, 6, 9, 4, 9)],
  [sort(PLUS, 10, 18, 4, 3), sort(MINUS, 2, 9, 5, 4), sort(TIMES, 6, 9, 6, 10)],
  [sort(PLUS, 11, 18, 5, 4), sort(MINUS, 11, 18, 4, 3), sort(TIMES, 6, 9, 6, 12)],
  [sort(PLUS, 11, 18, 9, 6), sort(MINUS, 11, 18, 5, 4), sort(TIMES, 7, 12, 6, 12)],
];

export const LEVELS = [1, 20] as const;

export function sortsOf(level: number): readonly Sort[] {
  return SORTS[level - 1] ?? [];
}

/** Tenths of a second from the moment an answer can be chosen, by level from 1 on. Of children of 8
 * to 16 years who reckoned with one-digit numbers, about seven to nine in ten answered right within
 * 3 seconds (OpenNeuro ds001486). */
const TENTHS = [80, 70, 60, 50, 45, 40, 35, 30, 29, 27, 26, 24, 23, 21, 20, 19, 18, 17, 16, 15];
const STEPS_A_TENTH = 6;

/** To read each number of two digits or more. */
const READING_STEPS = 18;

/** The steps in which a task can be answered. */
export function stepsFor(level: number, { a, b, right }: { a: number; b: number; right: number }): number {
  const long = (a > 9 ? 1 : 0) + (b > 9 ? 1 : 0) + (right > 9 ? 1 : 0);
  return Math.imul(TENTHS[level - 1] ?? 0, STEPS_A_TENTH) + Math.imul(long, READING_STEPS);
}
