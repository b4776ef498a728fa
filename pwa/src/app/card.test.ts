import { describe, expect, it } from 'vitest';

import { normalise, readCard } from './card.ts';

describe('a typed card', () => {
  it('forgives O for 0, I and L for 1, case, spaces and hyphens', () => {
    expect(normalise(' o1il-ab ')).toBe('0111AB');
    expect(readCard('7k3qx-9d2mn-pq4rt')).toEqual({ classCode: '7K3QX', cardCode: '9D2MNPQ4RT' });
  });

  it('is no card when a letter is missing', () => {
    expect(readCard('7K3QX-9D2MN')).toBeNull();
  });
});
