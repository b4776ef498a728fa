import fc from 'fast-check';
import { expect, test } from 'vitest';

import { waitMs } from './live.ts';

const chance = fc.double({ min: 0, max: 1, noNaN: true });

test('every half minute, in minutes while nobody looks', () => {
  fc.assert(
    fc.property(chance, (chance) => {
      const seen = waitMs({ failures: 0, hidden: false, chance });
      expect(seen).toBeGreaterThanOrEqual(27_000);
      expect(seen).toBeLessThanOrEqual(33_000);
      expect(waitMs({ failures: 0, hidden: true, chance })).toBeGreaterThanOrEqual(270_000);
    }),
  );
});

test('after failures longer and longer, never more than minutes, and not all pages at once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.boolean(), chance, (failures, hidden, chance) => {
      const wait = waitMs({ failures, hidden, chance });
      expect(wait).toBeGreaterThanOrEqual(2_500);
      expect(wait).toBeLessThanOrEqual(450_000);
      expect(waitMs({ failures: failures + 1, hidden, chance })).toBeGreaterThanOrEqual(wait);
    }),
  );
  const one = { failures: 4, hidden: false };
  expect(waitMs({ ...one, chance: 1 })).toBe(3 * waitMs({ ...one, chance: 0 }));
});

test('never before the server asked to be asked, and not all pages at once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.boolean(), chance, fc.integer({ min: 0, max: 300_000 }), (failures, hidden, chance, askedMs) => {
      expect(waitMs({ failures, hidden, chance, askedMs })).toBeGreaterThanOrEqual(askedMs * (1 + chance / 2));
    }),
  );
});
