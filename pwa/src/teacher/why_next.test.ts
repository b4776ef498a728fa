import { expect, test } from 'vitest';

import type { Round } from './shapes.ts';
import { whyNext } from './why_next.ts';

const round = (difficulty: number | null, next_difficulty: number | null, accuracy: number | null): Round => ({
  ...{ ended_at: '2026-11-28T12:00:00Z', duration_s: 100, completed: true, verdict: null },
  ...{ difficulty, next_difficulty, accuracy },
});

test.each([
  [round(5, 6, 0.88), 'level_up_right'],
  [round(5, 4, 0.6), 'level_down_right'],
  [round(5, 5, 0.8), 'level_same_right'],
  [round(0, 0, null), 'level_same'],
  // The share of right answers would seem to say the opposite: it is not given as the reason.
  [round(5, 4, 0.9), 'level_down'],
  [round(5, 6, 0.7), 'level_up'],
  [round(5, 6, null), 'level_up'],
  [round(null, 6, 0.9), null],
  [round(5, null, 0.9), null],
  [undefined, null],
] as const)('%o is told as %s', (one, words) => {
  expect(whyNext(one).words).toBe(words);
});
