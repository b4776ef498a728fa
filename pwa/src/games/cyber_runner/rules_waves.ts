/** Version 2: the course comes in waves with a rest between them. A wave's level is the staircase's at
 * its start, so nothing on the road changes its speed. */

import { nextRandom, pick, seeded } from '../engine/rules_random.ts';
import { ALL_LANES, beside, DECOY, OBSTACLE, ORB, type Course } from './rules_run.ts';

export const ROUND_STEPS = 7200;
export const EASIEST = 0;
export const HARDEST = 7;

/** By level: steps between two arrivals, steps of sight, things in a wave. */
const INTERVAL = [84, 70, 62, 55, 49, 44, 40, 36] as const;
const LEAD = [170, 156, 142, 128, 116, 104, 96, 88] as const;
const THINGS = [10, 12, 14, 16, 18, 20, 22, 24] as const;

/** An empty road, on which to breathe. */
const REST_STEPS = 90;
const FIRST_ARRIVAL = 200;
const LAST_ARRIVAL = ROUND_STEPS - 100;
/** A shorter wave is not begun. */
const FEWEST_THINGS = 4;

/** Of every ten things, how many are lanterns and how many obstacles; the rest are decoys. */
const MIXED = [6, 2] as const;
const STREAM = [8, 1] as const;
const TRICKY = [4, 2] as const;
const THEMES = [MIXED, STREAM, TRICKY] as const;
const BAG = 10;
/** The first things of a round are always lanterns, so that a child can get used to it. */
const SURE_ORBS = 3;

/** Things of all waves together, at most. */
export const MOST_THINGS = 220;

export interface Waves {
  /** Waves begun. */
  waves: number;
  /** The theme of the last one, by its place in THEMES. */
  theme: number;
  /** Level of the last one. */
  waveLevel: number;
  /** The step at which Neo passes the gate before it. */
  gate: number;
  random: number;
  /** The lane of a perfect player: each thing is put where it matters. */
  path: number;
}

export const newWaves = (seed: number, level: number): Waves => ({
  waves: 0,
  theme: 0,
  waveLevel: level,
  gate: 0,
  random: seeded(seed),
  path: 1,
});

/** Whether the road is empty and a further wave fits in. */
export function isWaveDue(waves: Waves, { count, arrival }: Course, next: number, level: number): boolean {
  if (next < count) return false;
  return firstArrival(waves, arrival[count - 1] ?? 0, level) + Math.imul(INTERVAL[level] ?? 0, FEWEST_THINGS) <= LAST_ARRIVAL;
}

/** Add a wave of this level to the course. */
export function addWave(waves: Waves, course: Course, level: number): void {
  const at = firstArrival(waves, course.arrival[course.count - 1] ?? 0, level);
  const interval = INTERVAL[level] ?? INTERVAL[0];
  waves.theme = themeAfter(waves);
  waves.waveLevel = level;
  waves.gate = at - (interval >> 1);
  const bag = new Int8Array(BAG);
  for (let n = 0; n < (THINGS[level] ?? 0) && at + Math.imul(n, interval) <= LAST_ARRIVAL; n += 1) {
    if (n % BAG === 0) fill(bag, waves);
    const i = course.count;
    const isSure = waves.waves === 0 && n < SURE_ORBS;
    place(course, i, isSure ? ORB : (bag[n % BAG] ?? ORB), waves);
    course.arrival[i] = at + Math.imul(n, interval);
    course.lead[i] = LEAD[level] ?? LEAD[0];
    course.count += 1;
  }
  waves.waves += 1;
}

function firstArrival({ waves }: Waves, last: number, level: number): number {
  return waves === 0 ? FIRST_ARRIVAL : last + REST_STEPS + (LEAD[level] ?? LEAD[0]);
}

/** The first wave is mixed; after it, none has the theme of the one before. */
function themeAfter(waves: Waves): number {
  if (waves.waves === 0) return 0;
  return (waves.theme + 1 + roll(waves, THEMES.length - 1)) % THEMES.length;
}

function roll(waves: Waves, below: number): number {
  waves.random = nextRandom(waves.random);
  return pick(waves.random, below);
}

function fill(bag: Int8Array, waves: Waves): void {
  const [orbs, obstacles] = THEMES[waves.theme] ?? MIXED;
  for (let n = 0; n < BAG; n += 1) bag[n] = n < orbs ? ORB : n < orbs + obstacles ? OBSTACLE : DECOY;
  for (let last = BAG - 1; last > 0; last -= 1) {
    const other = roll(waves, last + 1);
    const kept = bag[last] ?? ORB;
    bag[last] = bag[other] ?? ORB;
    bag[other] = kept;
  }
}

/** Lanterns mostly lie beside Neo's way, decoys mostly on it: standing still is seldom right. */
function place(course: Course, i: number, kind: number, waves: Waves): void {
  const { path } = waves;
  const dice = roll(waves, 100);
  const free = beside(path, dice & 1);
  let lane = path;
  let mask = 1 << path;
  if (kind === ORB) {
    if (dice < 75) lane = free;
    mask = 1 << lane;
    waves.path = lane;
  } else if (kind === OBSTACLE && dice < 30) {
    mask = ALL_LANES;
  } else if (kind === OBSTACLE) {
    if (dice < 75) mask = ALL_LANES & ~(1 << free);
    waves.path = free;
  } else if (dice < 75) {
    waves.path = free;
  } else {
    lane = free;
    mask = 1 << lane;
  }
  course.kind[i] = kind;
  course.lane[i] = lane;
  course.mask[i] = mask;
}

/** The most lanterns and the fewest other things that can have arrived by `steps`, for a player who is
 * always right. `levelAfter` gives the level after so many right answers. No two waves in a row are
 * streams, so the most is that of streams in every second wave, from the second or the third on. */
export function mostOf(steps: number, levelAfter: (right: number) => number): { orbs: number; others: number }[] {
  return [1, 0].map((odd) => {
    const most = { orbs: 0, others: 0 };
    let last = 0;
    for (let wave = 0; ; wave += 1) {
      const level = levelAfter(most.orbs + most.others);
      const interval = INTERVAL[level] ?? INTERVAL[0];
      const at = wave === 0 ? FIRST_ARRIVAL : last + REST_STEPS + (LEAD[level] ?? LEAD[0]);
      if (at + Math.imul(interval, FEWEST_THINGS) > LAST_ARRIVAL) return most;
      const inBag = wave === 0 ? MIXED[0] : wave % 2 === odd ? STREAM[0] : MIXED[0];
      for (let n = 0; n < (THINGS[level] ?? 0); n += 1) {
        last = at + Math.imul(n, interval);
        if (last > LAST_ARRIVAL || last > steps) return most;
        const sure = wave === 0 && n < BAG ? SURE_ORBS : 0;
        if (n % BAG < inBag + sure) most.orbs += 1;
        else most.others += 1;
      }
    }
  });
}
