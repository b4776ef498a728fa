/** Which hats a child has earned. They are given by levels and badges, and are only for looks. */

import type { KnownStudent } from '../outbox/store.ts';
import { levelOf } from './progress.ts';

export type HatReason = { level: number } | { badge: string };

/** In the order in which they are shown. */
export const HAT_REASONS: Readonly<Record<string, HatReason>> = {
  bow: { level: 2 },
  party: { level: 4 },
  cap: { level: 6 },
  crown: { level: 10 },
  star: { badge: 'perfect_score' },
  flowers: { badge: 'streak_3' },
  wizard: { badge: 'sharp_mind' },
  explorer: { badge: 'explorer' },
};

/** The hats that a child with this XP has. */
export function earnedHats(student: KnownStudent, xp: number): string[] {
  const badges = new Set((student.me?.achievements ?? []).map(({ id }) => id));
  const has = (reason: HatReason) => ('level' in reason ? levelOf(xp) >= reason.level : badges.has(reason.badge));
  return Object.keys(HAT_REASONS).filter((id) => has(HAT_REASONS[id]!));
}
