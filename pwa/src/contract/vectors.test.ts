import { describe, expect, it } from 'vitest';

import { ALPHABET } from '../app/card.ts';
import { lanternsIn } from '../app/difficulty.ts';
import { levelOf, ratingOf, xpAt, xpOf } from '../app/progress.ts';
import { colourOf } from '../ui/art/Avatar.tsx';
import { payloadHash } from './payload_hash.ts';
import vectors from './vectors.json';
import type { WireSession } from './wire.ts';

describe('what the tablet and the server both compute', () => {
  it.each(vectors.levels)('level of $xp XP', ({ xp, level, next_at }) => {
    expect([levelOf(xp), xpAt(level + 1)]).toEqual([level, next_at]);
  });

  it.each(vectors.colours)('the colour of student $student', ({ student, colour }) => {
    expect(colourOf(student)).toBe(colour);
  });

  it.each(vectors.rounds)('$score points, accuracy $accuracy, completed $completed', (round) => {
    expect(ratingOf(round.accuracy, round.completed)).toBe(round.rating);
    expect(xpOf(round)).toBe(round.xp);
  });

  it.each(vectors.lanterns)('$lanterns lanterns at level $level of $levels', ({ levels, level, lanterns }) => {
    expect(lanternsIn(levels as [number, number], level)).toBe(lanterns);
  });

  it.each(vectors.payload_hashes)('the hash $hash', ({ session, hash }) => {
    expect(payloadHash(session as unknown as WireSession)).toBe(hash);
  });

  it('reads the codes that the server writes', () => {
    expect(ALPHABET).toBe(vectors.alphabet);
  });
});
