/** Version 1: what comes towards Neo, when and in which lane, all from the seed. */

import { nextRandom, pick, seeded } from '../engine/rules_random.ts';
import { ALL_LANES, beside, emptyCourse, OBSTACLE, ORB, type Course } from './rules_run.ts';

export const ROUND_STEPS = 7200;

/** Steps between two arrivals, by difficulty 1 to 5 (index 0 is not used). */
const INTERVAL = [70, 70, 62, 55, 49, 44] as const;
/** Steps from the moment a thing can be seen until it arrives. */
const LEAD = [156, 156, 142, 128, 116, 104] as const;
const FIRST_ARRIVAL = 200;
const LAST_ARRIVAL = ROUND_STEPS - 100;

/** Drawn without replacement, so that every 20 things have the same mixture. */
const BAG = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2] as const;

const ORBS_IN_BAG = 11;
/** The first things of a round are always lanterns, so that a child can get used to it. */
const SURE_ORBS = 3;

export function makeCourse(seed: number, difficulty: number): Course {
  const interval = INTERVAL[difficulty] ?? INTERVAL[1];
  let count = 0;
  for (let at = FIRST_ARRIVAL; at <= LAST_ARRIVAL; at += interval) count += 1;
  const course = emptyCourse(count);
  course.count = count;
  course.lead.fill(LEAD[difficulty] ?? LEAD[1]);
  fillKinds(course, seed);
  let random = seeded(seed + 1);
  // The lane of a perfect player: each thing is put where it matters.
  let path = 1;
  for (let i = 0; i < count; i += 1) {
    random = nextRandom(random);
    const dice = pick(random, 100);
    const kind = course.kind[i] ?? ORB;
    let lane = path;
    let mask = 1 << path;
    if (kind === ORB) {
      if (dice < 60) lane = beside(path, dice & 1);
      mask = 1 << lane;
      path = lane;
    } else if (kind === OBSTACLE && dice < 25) {
      mask = ALL_LANES;
    } else if (kind === OBSTACLE && dice < 75) {
      const free = beside(path, dice & 1);
      mask = ALL_LANES & ~(1 << free);
      path = free;
    } else if (kind === OBSTACLE) {
      path = beside(path, dice & 1);
    } else if (dice < 75) {
      path = beside(path, dice & 1);
    } else {
      lane = beside(path, dice & 1);
      mask = 1 << lane;
    }
    course.lane[i] = lane;
    course.mask[i] = mask;
    course.arrival[i] = FIRST_ARRIVAL + Math.imul(i, interval);
  }
  return course;
}

/** The most lanterns, and the fewest other things, that can arrive within `steps`, whatever the
 * seed. */
export function mostOf(difficulty: number, steps: number): { orbs: number; others: number } {
  const interval = INTERVAL[difficulty] ?? INTERVAL[1];
  let count = 0;
  for (let at = FIRST_ARRIVAL; at <= LAST_ARRIVAL && at <= steps; at += interval) count += 1;
  let orbs = 0;
  for (let begin = 0; begin < count; begin += BAG.length) {
    // The first places of the first bag are lanterns whatever was drawn.
    const inBag = ORBS_IN_BAG + (begin === 0 ? SURE_ORBS : 0);
    orbs += Math.min(inBag, BAG.length, count - begin);
  }
  return { orbs, others: count - orbs };
}

function fillKinds(course: Course, seed: number): void {
  const bag = new Int8Array(BAG);
  let random = seeded(seed);
  for (let i = 0; i < course.count; i += 1) {
    const place = i % bag.length;
    if (place === 0) {
      for (let last = bag.length - 1; last > 0; last -= 1) {
        random = nextRandom(random);
        const other = pick(random, last + 1);
        const kept = bag[last] ?? ORB;
        bag[last] = bag[other] ?? ORB;
        bag[other] = kept;
      }
    }
    course.kind[i] = i < SURE_ORBS ? ORB : (bag[place] ?? ORB);
  }
}
