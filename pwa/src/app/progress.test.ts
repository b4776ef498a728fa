import { describe, expect, it } from 'vitest';

import { normalise, readCard } from './card.ts';
import { levelOf, ratingOf, xpAt, xpOf } from './progress.ts';

describe('progress as the child sees it', () => {
  it('agrees with the server on the example of the design', () => {
    expect(xpOf({ score: 500, accuracy: 0.85, completed: true })).toBe(650);
    expect(levelOf(850)).toBe(5);
    expect(xpAt(6)).toBe(1250);
  });

  it('rates a round that was left at best average', () => {
    expect(ratingOf(1, false)).toBe('average');
    expect(ratingOf(0.2, true)).toBe('needs_improvement');
  });
});

describe('a typed card', () => {
  it('forgives O for 0, I and L for 1, case, spaces and hyphens', () => {
    expect(normalise(' o1il-ab ')).toBe('0111AB');
    expect(readCard('7k3qx-9d2mn-pq4rt')).toEqual({ classCode: '7K3QX', cardCode: '9D2MNPQ4RT' });
  });

  it('is no card when a letter is missing', () => {
    expect(readCard('7K3QX-9D2MN')).toBeNull();
  });
});
