import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { playRound } from '../engine/play.ts';
import { PICTURE_NAMES } from '../engine/pictures.ts';
import { bot, rules, type State } from './rules.ts';
import { levelAt, LEVELS, rangeOf } from './rules_levels.ts';
import { endOf, LEAD, LURE, MOST_STONES, mostSame, OTHER, PICTURES, REST_STEPS, ROUND_STEPS, SAME, startOf, WALKS, windowOf } from './rules_trail.ts';

const seeds = fc.integer({ min: 0, max: 0x7fffffff });
const levels = fc.integer({ min: LEVELS[0], max: LEVELS[1] });
const EVERY_LEVEL = Array.from({ length: LEVELS[1] }, (_, n) => n + 1);

const walkAt = (step: number) => (step >= startOf(2) ? 2 : step >= startOf(1) ? 1 : 0);

interface Stone {
  picture: number;
  kind: number;
  level: number;
  since: number;
  back: number;
  /** The stones of its walk before it. */
  before: Stone[];
}

/** The stones of a clean round, each with those before it in its walk. */
function stonesOf({ shown, pictures, kinds, levels: of, since }: State): Stone[] {
  const stones: Stone[] = [];
  for (let n = 0; n < shown; n += 1) {
    const begins = startOf(walkAt(since[n] ?? 0));
    const level = of[n] ?? 1;
    const before = stones.filter((one) => one.since >= begins);
    stones.push({ picture: pictures[n] ?? 0, kind: kinds[n] ?? 0, level, since: since[n] ?? 0, back: levelAt(level).back, before });
  }
  return stones;
}

const stonesAt = (seed: number, level: number) => stonesOf(playRound(rules, { seed, level, hand: bot }).state);

describe('a stone', () => {
  it('is the same as the one so many before, or is not, as its kind says', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        for (const { picture, kind, back, before } of stonesAt(seed, level)) {
          const compared = before.at(-back);
          expect(kind === LEAD).toBe(compared === undefined);
          if (!compared) continue;
          expect(kind === SAME).toBe(picture === compared.picture);
          const near = [before.at(-back - 1), back > 1 ? before.at(1 - back) : undefined].map((one) => one?.picture);
          if (kind !== SAME) expect(kind === LURE).toBe(near.includes(picture));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('is the same in three of ten, at most twice in a row, and at most seven in a row differ', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        const kinds = stonesAt(seed, level).filter(({ kind }) => kind !== LEAD).map(({ kind }) => (kind === SAME ? 'S' : 'd')).join('');
        for (let bag = 0; bag + 10 <= kinds.length; bag += 10) expect(kinds.slice(bag, bag + 10).replaceAll('d', '')).toBe('SSS');
        expect(kinds).not.toMatch(/SSS|d{7}/);
        for (let n = 1; n <= kinds.length; n += 1) expect(kinds.slice(0, n).replaceAll('d', '').length).toBeLessThanOrEqual(mostSame(n));
      }),
      { numRuns: 25 },
    );
  });

  it('shows one of as many pictures as its level has', () => {
    for (const level of EVERY_LEVEL) {
      for (const stone of stonesAt(level, level)) {
        const seen = new Set([...stone.before.map(({ picture }) => picture), stone.picture]);
        const most = Math.max(...stone.before.map((one) => levelAt(one.level).pictures), levelAt(stone.level).pictures);
        expect(seen.size).toBeLessThanOrEqual(most);
        for (const picture of seen) expect(picture).toBeLessThan(PICTURES);
      }
    }
    for (const names of Object.values(PICTURE_NAMES)) expect(names.length).toBe(PICTURES);
  });

  it('is a lure more often at higher levels', () => {
    const share = (from: number, to: number) => {
      const all = Array.from({ length: 30 }, (_, seed) => stonesAt(seed + 1, from)).flat().filter(({ level, kind }) => level >= from && level <= to && kind !== LEAD && kind !== SAME);
      return all.filter(({ kind }) => kind === LURE).length / all.length;
    };
    const [easy, middle, hard] = [share(6, 8), share(10, 13), share(18, 20)];
    expect(middle).toBeGreaterThan(easy + 0.05);
    expect(hard).toBeGreaterThan(middle + 0.05);
  });

  it('comes and goes within its walk, not before the one before it had its time', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        const stones = stonesAt(seed, level);
        expect(stones.length).toBeLessThanOrEqual(MOST_STONES);
        stones.forEach(({ since, level: of, before }) => {
          const { interval } = levelAt(of);
          const walk = walkAt(since);
          expect(since + windowOf(interval)).toBeLessThanOrEqual(endOf(walk));
          const last = before.at(-1);
          if (last) expect(since - last.since).toBe(levelAt(last.level).interval);
          else expect(since).toBe(startOf(walk));
        });
      }),
      { numRuns: 25 },
    );
  });
});

describe('a walk', () => {
  it('keeps its number of stones back', () => {
    fc.assert(
      fc.property(seeds, levels, (seed, level) => {
        for (const { back, before } of stonesAt(seed, level)) for (const one of before) expect(one.back).toBe(back);
      }),
      { numRuns: 25 },
    );
  });

  it('begins after a rest of two seconds and a half, and the round ends with the last one', () => {
    expect(REST_STEPS).toBe(150);
    expect(endOf(WALKS - 1)).toBe(ROUND_STEPS);
    expect(rules.roundSeconds * 60).toBe(ROUND_STEPS);
  });

  it('is another one for another seed', () => {
    const trailOf = (seed: number) => stonesAt(seed, 8).map(({ picture }) => picture).join();
    expect(new Set([1, 2, 3, 4, 5, 6, 7, 8].map(trailOf)).size).toBe(8);
    expect(trailOf(4)).toBe(trailOf(4));
  });
});

describe('the levels', () => {
  it('go from 1 back to 3 back, from 2.4 s to 1.5 s, from 3 pictures to 8', () => {
    const of = (level: number) => levelAt(level);
    expect([of(1), of(20)]).toMatchObject([
      { back: 1, interval: 144, lures: 0, pictures: 3 },
      { back: 3, interval: 90, lures: 50, pictures: 8 },
    ]);
    for (const level of EVERY_LEVEL) {
      const [easiest, hardest] = rangeOf(of(level).back);
      expect(level >= easiest && level <= hardest).toBe(true);
      if (level === 1) continue;
      expect(of(level).interval).toBeLessThan(of(level - 1).interval);
      expect(of(level).back).toBeGreaterThanOrEqual(of(level - 1).back);
      if (level === easiest) continue;
      expect(of(level).lures).toBeGreaterThanOrEqual(of(level - 1).lures);
      expect(of(level).pictures).toBeGreaterThanOrEqual(of(level - 1).pictures);
      expect(of(level).trace).toBeLessThanOrEqual(of(level - 1).trace);
    }
  });

  it('have lures of both sides where there are two', () => {
    const sides = new Set<number>();
    for (const level of [10, 18]) {
      for (let seed = 1; seed < 30; seed += 1) {
        for (const { kind, picture, before, back } of stonesAt(seed, level)) {
          if (kind !== LURE) continue;
          if (before.at(-back - 1)?.picture === picture) sides.add(1);
          if (before.at(1 - back)?.picture === picture) sides.add(-1);
        }
      }
    }
    expect([...sides].sort()).toEqual([-1, 1]);
    expect(OTHER).not.toBe(LURE);
  });
});
