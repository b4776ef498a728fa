// @vitest-environment happy-dom
import { expect, test } from 'vitest';

import { BADGES } from '../achievements.ts';
import { CATALOGUE } from '../catalogue.ts';
import { Badges } from './Badges.tsx';
import { all, aMe, aStudent, byId, show, words } from './shown.tsx';

test('each badge tells how it is earned, and whether the child has it', async () => {
  const [first] = BADGES;
  const achievements = [{ id: first!, unlocked_at: '2026-01-01T00:00:00Z' }];
  await show(<Badges student={aStudent({ me: aMe({ achievements }) })} />);
  expect(all('.badges > li')).toHaveLength(BADGES.length);
  expect(all('[data-own=true]').map((badge) => badge.dataset.testid)).toEqual([`badge-${first}`]);
  expect(byId(`badge-${first}`)!.textContent).not.toContain(words('badges_locked'));
  expect(byId(`badge-${BADGES[1]}`)!.textContent).toContain(words('badges_locked'));
});

test('without a word of the server none is the child’s own', async () => {
  await show(<Badges student={aStudent()} />);
  expect(all('[data-own=true]')).toEqual([]);
});

test('a badge of a later release is one all the same, and comes last', async () => {
  const achievements = [{ id: 'of_tomorrow', unlocked_at: '2026-01-01T00:00:00Z' }];
  await show(<Badges student={aStudent({ me: aMe({ achievements }) })} />);
  const last = all('.badges > li').at(-1)!;
  expect(last.dataset).toMatchObject({ testid: 'badge-of_tomorrow', own: 'true' });
  expect(last.textContent).toContain(words('badge_unknown'));
});

test('a badge that counts something shows how far the child has come', async () => {
  const games = [{ game_type: 'cyber_runner', plays: 17, best_score: 1, difficulty: 1 }];
  await show(<Badges student={aStudent({ me: aMe({ games, streak: { days: 2, today: true, last_day: null } }) })} />);
  const label = (id: string) => byId(`badge-${id}`)!.querySelector('.badge-so-far')?.getAttribute('aria-label');
  expect(label('marathon')).toBe(words('badges_so_far', { n: 17, m: 50 }));
  expect(label('explorer')).toBe(words('badges_so_far', { n: 1, m: CATALOGUE.length }));
  expect(label('streak_7')).toBe(words('badges_so_far', { n: 2, m: 7 }));
  expect(label('speed_demon')).toBeUndefined();
});
