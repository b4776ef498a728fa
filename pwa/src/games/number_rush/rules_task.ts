/** Makes tasks: two numbers, the right answer and two wrong ones that a hurried child could take
 * for it. */

import { nextRandom, pick } from '../engine/rules_random.ts';
import { MINUS, MOST, MOST_DOTS, sortsOf, TIMES, type Sort } from './rules_levels.ts';

export interface Task {
  kind: number;
  /** The two numbers; 0 where the greatest is asked for. */
  a: number;
  b: number;
  right: number;
  /** The three answers, from left to right. */
  answers: readonly number[];
}

/** A source of small random numbers. */
export interface Dice {
  random: number;
}

function draw(dice: Dice, below: number): number {
  dice.random = nextRandom(dice.random);
  return pick(dice.random, below);
}

const between = (dice: Dice, low: number, high: number) => low + draw(dice, high - low + 1);

/** How often a task like the last one is made again. */
const TRIES = 4;

/** A task of a level that is another one than the last. */
export function makeTask(dice: Dice, level: number, last: Task): Task {
  const sorts = sortsOf(level);
  let made = last;
  for (let n = 0; n < TRIES && sameAs(made, last); n += 1) {
    const sort = sorts[draw(dice, sorts.length)];
    if (sort) made = ofSort(dice, sort);
  }
  return made;
}

function sameAs(one: Task, other: Task): boolean {
  return one.kind === other.kind && one.a === other.a && one.b === other.b && one.right === other.right;
}

function ofSort(dice: Dice, sort: Sort): Task {
  const { kind } = sort;
  if (kind === MOST || kind === MOST_DOTS) return greatest(dice, sort);
  const { a, b, right } = kind === TIMES ? product(dice, sort) : sum(dice, sort);
  return { kind, a, b, right, answers: mixed(dice, [right, ...wrongOnes(dice, { kind, a, b, right })]) };
}

function sum(dice: Dice, { kind, low, high, firstTens, secondTens }: Sort) {
  const units = between(dice, low, high);
  const unit = between(dice, Math.max(1, units - 9), Math.min(9, units - 1));
  const one = tens(dice, firstTens) + unit;
  const other = tens(dice, secondTens) + units - unit;
  // 8 - 3 is 5 + 3 backwards, and borrows where that carries.
  return kind === MINUS ? { a: one + other, b: other, right: one } : { a: one, b: other, right: one + other };
}

function tens(dice: Dice, most: number): number {
  return most === 0 ? 0 : Math.imul(10, between(dice, 1, most));
}

function product(dice: Dice, { low, high, firstTens, secondTens }: Sort) {
  const one = between(dice, low, high);
  const other = between(dice, firstTens, secondTens);
  const turned = draw(dice, 2) === 1;
  return { a: turned ? other : one, b: turned ? one : other, right: Math.imul(one, other) };
}

/** Three numbers, of which the greatest is right. Long ones look alike: 47, 74, 46. */
function greatest(dice: Dice, { kind, low, high }: Sort): Task {
  const first = between(dice, low, high);
  const numbers = [first];
  const near = low > 9 ? [swapped(first), first + 1, first - 1, first + 10, first - 10] : [];
  const fits = near.filter((n, at) => n !== first && n >= low && n <= high && near.indexOf(n) === at);
  while (numbers.length < 3) {
    const n = fits.length > 0 ? fits.splice(draw(dice, fits.length), 1)[0] ?? first : between(dice, low, high);
    if (!numbers.includes(n)) numbers.push(n);
  }
  return { kind, a: 0, b: 0, right: Math.max(...numbers), answers: mixed(dice, numbers) };
}

/** Two wrong answers. Whether none, one or both are smaller than the right one is left to chance:
 * nobody finds it by its size. */
function wrongOnes(dice: Dice, task: Omit<Task, 'answers'>): number[] {
  const { right } = task;
  const near = slips(task).filter((n, at, all) => n >= 0 && n !== right && all.indexOf(n) === at);
  const smaller = near.filter((n) => n < right);
  const greater = near.filter((n) => n > right);
  const wanted = draw(dice, 3);
  const wrong: number[] = [];
  while (wrong.length < 2) {
    const from = smaller.length > 0 && wrong.length < wanted ? smaller : greater;
    wrong.push(...from.splice(draw(dice, from.length), 1));
  }
  return wrong;
}

/** The answers of those who slip: by one or ten, in the digits' order, in the operation, by a row of
 * the table. */
function slips({ kind, a, b, right }: Omit<Task, 'answers'>): number[] {
  const byTen = right > 9 || a > 9 ? [right + 10, right - 10] : [];
  const turned = right > 9 ? [swapped(right)] : [];
  const all = [right + 1, right - 1, ...byTen, ...turned];
  if (kind === TIMES) return [...all, right + a, right - a, right + b, right - b, a + b];
  const other = kind === MINUS ? a + b : Math.abs(a - b);
  return [...all, right + 2, right - 2, other, ...(kind === MINUS && a > 9 ? [digitByDigit(a, b)] : [])];
}

/** 42 - 8 by one who takes the smaller digit from the greater one: 46. */
function digitByDigit(a: number, b: number): number {
  return Math.imul(10, tensOf(a) - tensOf(b)) + Math.abs((a % 10) - (b % 10));
}

/** 47 for 74; of three digits the last two. */
function swapped(n: number): number {
  const hundreds = n > 99 ? 100 : 0;
  const rest = n - hundreds;
  return hundreds + Math.imul(rest % 10, 10) + tensOf(rest);
}

/** A tenth of `n`, without its rest: right up to 1023. */
function tensOf(n: number): number {
  return Math.imul(n, 205) >> 11;
}

function mixed(dice: Dice, numbers: number[]): number[] {
  const left = [...numbers];
  return numbers.flatMap(() => left.splice(draw(dice, left.length), 1));
}
