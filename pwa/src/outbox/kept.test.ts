import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Acknowledgement } from '../contract/shapes.ts';
import { dispensable, LONGEST_MS, MOST_BYTES, olderHalf, toOffer, type KeptItem } from './kept.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');

const kept = fc.uniqueArray(
  fc.record<KeptItem>({
    sessionId: fc.uuid(),
    studentId: fc.integer({ min: 1, max: 3 }),
    hash: fc.constant('00'),
    bytes: fc.oneof(fc.integer({ min: 500, max: 60_000 }), fc.integer({ min: 1, max: MOST_BYTES })),
    putAt: fc.integer(),
    since: fc.integer({ min: NOW - 2 * LONGEST_MS, max: NOW }),
    epoch: fc.constantFrom('a', 'b'),
    answeredAt: fc.integer({ min: NOW - LONGEST_MS, max: NOW }),
  }),
  { selector: ({ sessionId }) => sessionId, maxLength: 30 },
);
const heard = fc.record<Acknowledgement>({
  epoch: fc.constantFrom('a', 'b', 'c'),
  answeredAt: fc.constant(NOW),
  safeBefore: fc.option(fc.integer({ min: NOW - LONGEST_MS, max: NOW })),
});

const ids = (items: readonly KeptItem[]) => items.map(({ sessionId }) => sessionId).sort();
const bytesOf = (items: readonly KeptItem[]) => items.reduce((sum, { bytes }) => sum + bytes, 0);
const left = (items: readonly KeptItem[], said: Acknowledgement) => {
  const gone = new Set(dispensable(items, said));
  return items.filter((item) => !gone.has(item));
};
const covered = (item: KeptItem, { epoch, safeBefore }: Acknowledgement) =>
  item.epoch === epoch && safeBefore !== null && item.answeredAt < safeBefore;

describe('what a tablet keeps', () => {
  it('is never more than 20 MB, nor older than 30 days, nor covered', () => {
    fc.assert(
      fc.property(kept, heard, (items, said) => {
        const stays = left(items, said);
        expect(bytesOf(stays)).toBeLessThanOrEqual(MOST_BYTES);
        expect(stays.filter(({ since }) => NOW - since > LONGEST_MS)).toEqual([]);
        expect(stays.filter((item) => covered(item, said))).toEqual([]);
      }),
    );
  });

  it('is everything else, as far as there is room for it and all that is newer', () => {
    fc.assert(
      fc.property(kept, heard, (items, said) => {
        const wanted = items.filter((item) => !covered(item, said) && NOW - item.since <= LONGEST_MS);
        const stays = left(items, said);
        if (bytesOf(wanted) <= MOST_BYTES) expect(ids(stays)).toEqual(ids(wanted));
        for (const item of wanted.filter((one) => !stays.includes(one))) {
          const asNew = wanted.filter(({ since }) => since >= item.since);
          expect(bytesOf(asNew)).toBeGreaterThan(MOST_BYTES);
        }
      }),
    );
  });

  it('outlives any backup of another epoch', () => {
    fc.assert(
      fc.property(kept, heard, (items, said) => {
        const of = (item: KeptItem) => ({ ...item, bytes: 1, since: NOW, epoch: 'old' });
        expect(dispensable(items.map(of), said)).toEqual([]);
      }),
    );
  });

  it('does not change by deciding again', () => {
    fc.assert(
      fc.property(kept, heard, (items, said) => {
        expect(dispensable(left(items, said), said)).toEqual([]);
      }),
    );
  });

  it('is covered only by a backup that began after the answer', () => {
    const item = { sessionId: 'a', studentId: 1, hash: '', bytes: 1, putAt: 0, since: NOW, epoch: 'a', answeredAt: NOW };
    const said = (safeBefore: number | null) => ({ epoch: 'a', answeredAt: NOW + 1, safeBefore });
    expect([null, NOW - 1, NOW, NOW + 1].map((safe) => dispensable([item], said(safe)).length)).toEqual([0, 0, 0, 1]);
  });
});

it('offers what the present epoch did not acknowledge', () => {
  fc.assert(
    fc.property(kept, (items) => {
      const offered = toOffer(items, 'a');
      expect(offered.every(({ epoch }) => epoch !== 'a')).toBe(true);
      expect(offered.length + items.filter(({ epoch }) => epoch === 'a').length).toBe(items.length);
    }),
  );
});

it('gives up the older half where there is no room, until nothing is left', () => {
  fc.assert(
    fc.property(kept, (items) => {
      const gone = olderHalf(items);
      const stays = items.filter((item) => !gone.includes(item));
      expect(gone.length).toBe(Math.ceil(items.length / 2));
      for (const item of gone) expect(stays.every(({ since }) => since >= item.since)).toBe(true);
    }),
  );
});
