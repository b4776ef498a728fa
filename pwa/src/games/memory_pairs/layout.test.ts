import { describe, expect, it } from 'vitest';

import { GAP, layoutOf } from './layout.ts';
import { levelAt } from './rules_levels.ts';

/** Room for cards in each size of screen, with the bar, the chain and Neo taken off. */
const ROOMS: Record<string, readonly [number, number]> = {
  '320x640': [320, 422],
  '360x740': [360, 522],
  '740x360': [590, 234],
  '768x1024': [768, 806],
  '1024x768': [874, 642],
  '1366x768': [1216, 642],
};

describe.each(Object.entries(ROOMS))('on %s', (_, [width, height]) => {
  it.each(Array.from({ length: 20 }, (__, n) => n + 1))('the cards of level %i fit, and are large enough for a finger', (level) => {
    const cards = levelAt(level).pairs * 2;
    const layout = layoutOf(cards, width, height);
    expect(layout.columns * layout.rows).toBeGreaterThanOrEqual(cards);
    expect(layout.columns * (layout.width + GAP) + GAP).toBeLessThanOrEqual(width);
    expect(layout.rows * (layout.height + GAP) + GAP).toBeLessThanOrEqual(height);
    expect(Math.min(layout.width, layout.height)).toBeGreaterThanOrEqual(52);
    // No row with a single card.
    expect(layout.columns * layout.rows - cards).not.toBe(layout.columns - 1);
  });
});
