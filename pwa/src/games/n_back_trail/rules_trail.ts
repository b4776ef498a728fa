/** The trail: which picture comes next and when, from the seed and the level. */

import { nextRandom, pick, seeded } from '../engine/rules_random.ts';
import { levelAt } from './rules_levels.ts';

/** Three walks of 27.5 s, with a rest on the bank before each. */
export const WALKS = 3;
export const REST_STEPS = 150;
const WALK_STEPS = 1_650;
export const ROUND_STEPS = 5_400;

/** Between the end of a stone's window and the next stone. */
const GAP = 9;

/** No round has more stones. */
export const MOST_STONES = 60;

/** Different pictures that the view can draw. */
export const PICTURES = 12;

/** What is right for a stone. The first ones of a walk have nothing to be compared with. */
export const LEAD = 0;
export const SAME = 1;
export const OTHER = 2;
/** Differs, but shows the picture of a stone beside the one to compare with. */
export const LURE = 3;

/** One stone of each group is the same as before: 3 of 10. */
const GROUPS = [3, 3, 4] as const;

export const windowOf = (interval: number): number => interval - GAP;

export const startOf = (walk: number): number => REST_STEPS + Math.imul(walk, WALK_STEPS + REST_STEPS);

export const endOf = (walk: number): number => startOf(walk) + WALK_STEPS;

/** Whether a stone that comes at a step still has its time in its walk. */
export const hasRoom = (walk: number, at: number, interval: number): boolean => at + windowOf(interval) <= endOf(walk);

/** What is still to be drawn. */
export interface Draw {
  random: number;
  /** The first of the pictures of this walk. */
  base: number;
  group: number;
  /** Of the group: the place of the stone that is the same, and of the next stone. */
  same: number;
  at: number;
}

export function newDraw(seed: number): Draw {
  return { random: seeded(seed), base: 0, group: 0, same: -1, at: 0 };
}

function draw(from: Draw, below: number): number {
  from.random = nextRandom(from.random);
  return pick(from.random, below);
}

/** Other pictures for another walk. */
export function startWalk(from: Draw): void {
  from.base = draw(from, PICTURES);
}

/** Whether the stone `group` and `at` stand at is the last of its group. */
function advance(from: Draw): void {
  from.at += 1;
  if (from.at < (GROUPS[from.group] ?? 3)) return;
  from.at = 0;
  from.same = -1;
  from.group = from.group === GROUPS.length - 1 ? 0 : from.group + 1;
}

/** SAME or OTHER for the next stone. */
function drawKind(from: Draw): number {
  if (from.same < 0) from.same = draw(from, GROUPS[from.group] ?? 3);
  const kind = from.at === from.same ? SAME : OTHER;
  advance(from);
  return kind;
}

/** Of so many answers from the start of a round, the most that can be SAME. */
export function mostSame(answers: number): number {
  const from: Draw = { random: 0, base: 0, group: 0, same: 0, at: 0 };
  let most = 0;
  for (let n = 0; n < answers; n += 1) {
    if (from.at === 0) most += 1;
    advance(from);
  }
  return most;
}

/** Put the picture of stone `n` into `pictures` and answer for its kind. The walk began at stone `first`. */
export function drawStone(from: Draw, pictures: Int8Array, n: number, first: number, levelNow: number): number {
  const { back, lures, pictures: count } = levelAt(levelNow);
  const compared = n - back;
  if (compared < first) {
    pictures[n] = drawOther(from, pictures, count, n, first, back);
    return LEAD;
  }
  if (drawKind(from) === SAME) {
    pictures[n] = pictures[compared] ?? 0;
    return SAME;
  }
  const lure = draw(from, 100) < lures ? lureAt(from, pictures, n, first, back) : -1;
  pictures[n] = lure < 0 ? drawOther(from, pictures, count, n, first, back) : (pictures[lure] ?? 0);
  return isLure(pictures, n, first, back) ? LURE : OTHER;
}

const isNear = (pictures: Int8Array, n: number, other: number, first: number): boolean =>
  other >= first && other < n && pictures[other] === pictures[n];

function isLure(pictures: Int8Array, n: number, first: number, back: number): boolean {
  return isNear(pictures, n, n - back - 1, first) || isNear(pictures, n, n - back + 1, first);
}

/** A stone beside the one to compare with whose picture differs from that one's, -1 if there is none. */
function lureAt(from: Draw, pictures: Int8Array, n: number, first: number, back: number): number {
  const near = n - back + 1;
  const far = n - back - 1;
  const compared = pictures[n - back];
  const hasNear = near < n && pictures[near] !== compared;
  const hasFar = far >= first && pictures[far] !== compared;
  if (hasNear && hasFar) return draw(from, 2) === 0 ? near : far;
  return hasNear ? near : hasFar ? far : -1;
}

/** A picture that differs from the one to compare with and, if there are enough, is no lure. */
function drawOther(from: Draw, pictures: Int8Array, count: number, n: number, first: number, back: number): number {
  const begin = draw(from, count);
  let found = -1;
  for (let k = 0; k < count; k += 1) {
    const picture = (from.base + ((begin + k) % count)) % PICTURES;
    if (n - back >= first && pictures[n - back] === picture) continue;
    pictures[n] = picture;
    if (!isLure(pictures, n, first, back)) return picture;
    if (found < 0) found = picture;
  }
  return found;
}
