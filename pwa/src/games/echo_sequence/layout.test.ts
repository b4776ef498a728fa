import { describe, expect, it } from 'vitest';

import { GAP, layoutOf } from './layout.ts';

/** Room for drums in each size of screen, with the bar, Neo and the sign taken off. */
const ROOMS: Record<string, readonly [number, number]> = {
  '320x640': [304, 390],
  '360x740': [344, 500],
  '740x360': [520, 240],
  '768x1024': [752, 780],
  '1024x768': [690, 650],
  '1366x768': [930, 650],
};

describe.each(Object.entries(ROOMS))('on %s', (_, [width, height]) => {
  it.each([4, 5, 6])('%i drums fit, and are large enough for a finger', (drums) => {
    const { columns, size } = layoutOf(drums, width, height);
    expect(columns * (size + GAP)).toBeLessThanOrEqual(width);
    expect(Math.ceil(drums / columns) * (size + GAP)).toBeLessThanOrEqual(height);
    expect(size).toBeGreaterThanOrEqual(100);
  });
});

it('survives a place without a size', () => {
  expect(layoutOf(6, 0, 0)).toEqual({ columns: 2, size: 1 });
});
