/** The course: which lantern comes next and when, from the seed and the level. */

import { nextRandom, pick, seeded } from '../engine/rules_random.ts';

export const ROUND_STEPS = 5_400;

/** Four waves of 20 s with a rest between them. */
export const WAVES = 4;
const FIRST_WAVE = 60;
export const WAVE_STEPS = 1_200;
const REST_STEPS = 140;

/** Round lanterns say go, hexagons say stop. */
export const GO = 0;
export const STOP_SIGN = 1;

/** Steps in which a lantern can be answered, by level (index 0 is not used): 1,400 ms for a child of
 * six, 420 ms for a quick adult. */
const WINDOW = [84, 84, 81, 78, 75, 72, 69, 66, 63, 61, 59, 56, 53, 50, 47, 44, 40, 36, 32, 28, 25] as const;
/** The least pause after a window, by level. */
const PAUSE = [22, 22, 22, 22, 22, 22, 22, 21, 21, 21, 21, 20, 20, 20, 20, 19, 19, 19, 18, 18, 18] as const;
/** Added to the pauses, each once in four: the rhythm alone tells nothing. */
const JITTER = [0, 9, 19, 31] as const;

/** Go lanterns before each of four hexagons, 12 : 4 in all; by level they are less even, and the
 * longest run before a hexagon is longer. */
const EVEN_RUNS = [2, 3, 3, 4] as const;
const UNEVEN_RUNS = [1, 3, 3, 5] as const;
const LONG_RUNS = [1, 2, 2, 7] as const;
const RUNS_BY_LEVEL = [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2] as const;
const RUNS = [EVEN_RUNS, UNEVEN_RUNS, LONG_RUNS] as const;

/** A round begins with so many go lanterns more, so that a child gets used to it. */
const SURE_GOES = 2;

/** No round has more lanterns. */
export const MOST_LANTERNS = 112;

export const windowOf = (level: number): number => WINDOW[level] ?? WINDOW[1];

export const startOf = (wave: number): number => FIRST_WAVE + Math.imul(wave, WAVE_STEPS + REST_STEPS);

/** What is still to be drawn. */
export interface Course {
  random: number;
  /** Go lanterns before the next hexagon. */
  goes: number;
  runs: Int8Array;
  run: number;
  jitter: Int8Array;
  gap: number;
  /** False for the course of the most points: the least comes first, whatever the seed. */
  shuffled: boolean;
}

export function newCourse(seed: number, shuffled: boolean): Course {
  const runs = new Int8Array(EVEN_RUNS.length);
  return { random: seeded(seed), goes: -1, runs, run: runs.length, jitter: new Int8Array(JITTER), gap: JITTER.length, shuffled };
}

/** The kind of the next lantern. */
export function drawKind(course: Course, level: number): number {
  if (course.goes < 0) course.goes = drawRun(course, level) + SURE_GOES;
  if (course.goes > 0) {
    course.goes -= 1;
    return GO;
  }
  course.goes = drawRun(course, level);
  return STOP_SIGN;
}

function drawRun(course: Course, level: number): number {
  const { runs } = course;
  if (course.run === runs.length) {
    course.run = 0;
    runs.set(RUNS[RUNS_BY_LEVEL[level] ?? 0] ?? EVEN_RUNS);
    shuffle(course, runs);
  }
  const drawn = runs[course.run] ?? 0;
  course.run += 1;
  return drawn;
}

/** Steps from a lantern to the next one of its wave. */
export function drawInterval(course: Course, level: number): number {
  if (course.gap === JITTER.length) {
    course.gap = 0;
    course.jitter.set(JITTER);
    shuffle(course, course.jitter);
  }
  const jitter = course.jitter[course.gap] ?? 0;
  course.gap += 1;
  return windowOf(level) + (PAUSE[level] ?? PAUSE[1]) + jitter;
}

/** A wave starts with pauses of its own: a wave of the least ones has the most lanterns. */
export function startWave(course: Course): void {
  course.gap = JITTER.length;
}

function shuffle(course: Course, bag: Int8Array): void {
  if (!course.shuffled) return;
  for (let last = bag.length - 1; last > 0; last -= 1) {
    course.random = nextRandom(course.random);
    const other = pick(course.random, last + 1);
    const kept = bag[last] ?? 0;
    bag[last] = bag[other] ?? 0;
    bag[other] = kept;
  }
}
