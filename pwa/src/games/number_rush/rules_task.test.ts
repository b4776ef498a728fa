import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { MINUS, MOST, MOST_DOTS, PLUS, PLUS_DOTS, stepsFor, TIMES } from './rules_levels.ts';
import { makeTask, type Task } from './rules_task.ts';

const NONE: Task = { kind: -1, a: 0, b: 0, right: 0, answers: [] };
const levels = fc.integer({ min: 1, max: 20 });
const states = fc.integer({ min: 1, max: 0x7fffffff });

/** The tasks of a level, in order. */
function tasksOf(level: number, count: number, random = 20): Task[] {
  const dice = { random };
  const made: Task[] = [];
  while (made.length < count) made.push(makeTask(dice, level, made.at(-1) ?? NONE));
  return made;
}

const resultOf = ({ kind, a, b, answers }: Task): number =>
  kind === TIMES ? a * b : kind === MINUS ? a - b : kind === PLUS || kind === PLUS_DOTS ? a + b : Math.max(...answers);

describe('a task', () => {
  it('has its right answer once among three that differ, and none below 0', () => {
    fc.assert(
      fc.property(levels, states, (level, random) => {
        for (const task of tasksOf(level, 20, random)) {
          expect(task.right).toBe(resultOf(task));
          expect(new Set(task.answers).size).toBe(3);
          expect(task.answers).toContain(task.right);
          for (const n of [task.a, task.b, ...task.answers]) expect(Number.isInteger(n) && n >= 0 && n < 200).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is hardly ever the same twice in a row', () => {
    for (let level = 2; level <= 20; level += 1) {
      const tasks = tasksOf(level, 400);
      expect(tasks.filter((one, at) => one === tasks[at - 1]).length).toBeLessThan(4);
    }
  });

  it('does not give its answer away by place or size', () => {
    for (let level = 1; level <= 20; level += 1) {
      const tasks = tasksOf(level, 1500);
      const places = [0, 0, 0];
      for (const { answers, right } of tasks) places[answers.indexOf(right)]! += 1;
      for (const count of places) expect(Math.abs(count / tasks.length - 1 / 3)).toBeLessThan(0.05);
      // Nothing lies below 0.
      const sums = tasks.filter(({ kind, right }) => kind !== MOST && kind !== MOST_DOTS && right >= 2);
      const ranks = [0, 0, 0];
      for (const { answers, right } of sums) ranks[answers.filter((n) => n < right).length]! += 1;
      for (const count of ranks) expect(count).toBeLessThanOrEqual(sums.length * 0.42);
    }
  });

  it('has wrong answers of those who slip: by one, by ten, in the order of digits, in the operation', () => {
    const of = (kind: number, slip: (task: Task) => number) =>
      [10, 15, 20].flatMap((level) => tasksOf(level, 500)).filter((task) => task.kind === kind && task.answers.includes(slip(task))).length;
    for (const kind of [PLUS, MINUS, TIMES]) expect(of(kind, ({ right }) => right + 1)).toBeGreaterThan(20);
    expect(of(PLUS, ({ right }) => right - 10)).toBeGreaterThan(20);
    expect(of(TIMES, ({ right }) => Number(String(right).split('').reverse().join('')))).toBeGreaterThan(20);
    expect(of(TIMES, ({ a, right }) => right - a)).toBeGreaterThan(20);
    expect(of(TIMES, ({ a, b }) => a + b)).toBeGreaterThan(20);
    expect(of(PLUS, ({ a, b }) => Math.abs(a - b))).toBeGreaterThan(20);
    expect(of(MINUS, ({ a, b }) => a + b)).toBeGreaterThan(20);
    // 42 - 8 = 46: the smaller digit from the greater one.
    const digits = ({ a, b }: Task) => Math.floor(a / 10) * 10 - Math.floor(b / 10) * 10 + Math.abs((a % 10) - (b % 10));
    expect(of(MINUS, digits)).toBeGreaterThan(20);
  });
});

describe('the levels', () => {
  const all = Array.from({ length: 20 }, (_, at) => tasksOf(at + 1, 600));

  it('begin with a glance at up to five lights, for a child of six', () => {
    for (const { kind, answers } of all[0]!) {
      expect(kind).toBe(MOST_DOTS);
      expect(Math.max(...answers)).toBeLessThanOrEqual(5);
      expect(Math.min(...answers)).toBeGreaterThanOrEqual(1);
    }
  });

  it('show lights that a lantern has room for', () => {
    for (const task of all.flat()) {
      if (task.kind === MOST_DOTS) expect(Math.max(...task.answers)).toBeLessThanOrEqual(9);
      if (task.kind === PLUS_DOTS) expect(Math.max(task.a, task.b)).toBeLessThanOrEqual(9);
    }
  });

  it('bring +, then -, then x', () => {
    const first = (...kinds: number[]) => all.findIndex((tasks) => tasks.some(({ kind }) => kinds.includes(kind)));
    expect([first(MOST_DOTS), first(MOST), first(PLUS_DOTS, PLUS), first(MINUS), first(TIMES)]).toEqual([0, 2, 3, 5, 10]);
  });

  it('end with sums of two digits that carry, and x up to 12', () => {
    const last = all[19]!;
    for (const { a, b } of last.filter(({ kind }) => kind === PLUS)) {
      expect(Math.min(a, b)).toBeGreaterThan(9);
      expect((a % 10) + (b % 10)).toBeGreaterThan(10);
    }
    expect(Math.max(...last.filter(({ kind }) => kind === TIMES).flatMap(({ a, b }) => [a, b]))).toBe(12);
    expect(new Set(last.map(({ kind }) => kind))).toEqual(new Set([PLUS, MINUS, TIMES]));
  });

  it('leave less time the harder they are: from 8 s to 1.5 s, and some to read long numbers', () => {
    const short = { a: 3, b: 4, right: 7 };
    const seconds = (level: number) => stepsFor(level, short) / 60;
    expect([1, 8, 15, 20].map(seconds)).toEqual([8, 3, 2, 1.5]);
    for (let level = 1; level < 20; level += 1) expect(seconds(level + 1)).toBeLessThan(seconds(level));
    expect(stepsFor(20, { a: 48, b: 55, right: 103 }) / 60).toBeCloseTo(2.4);
  });
});
