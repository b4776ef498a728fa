// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

import { badgeWords, BADGES } from '../achievements.ts';
import { changeSettings } from '../actions.ts';
import { earnedHats, HAT_REASONS } from '../hats.ts';
import { xpAt } from '../progress.ts';
import { all, aMe, aStudent, byId, press, show, words } from './shown.tsx';
import { Wardrobe } from './Wardrobe.tsx';
import { HATS } from '../../ui/art/hats.tsx';

vi.mock('../actions.ts');

test('each hat is drawn, and given for a level or for a badge that exists', () => {
  expect(Object.keys(HATS).sort()).toEqual(Object.keys(HAT_REASONS).sort());
  for (const reason of Object.values(HAT_REASONS)) {
    if ('badge' in reason) expect(BADGES).toContain(reason.badge);
    else expect(reason.level).toBeGreaterThan(1);
  }
});

test('hats come with levels and badges, and none is lost', () => {
  expect(earnedHats(aStudent(), 0)).toEqual([]);
  expect(earnedHats(aStudent(), xpAt(2))).toEqual(['bow']);
  const achievements = [{ id: 'streak_3', unlocked_at: '2026-01-01T00:00:00Z' }];
  expect(earnedHats(aStudent({ me: aMe({ achievements }) }), xpAt(4))).toEqual(['bow', 'party', 'flowers']);
});

test('a child puts on what it has earned; the rest tells how it is earned', async () => {
  const student = aStudent({ me: aMe({ xp: xpAt(4) }) });
  await show(<Wardrobe student={student} />, { students: [student] });
  expect(all('.hat')).toHaveLength(Object.keys(HAT_REASONS).length + 1);
  expect(byId('hat-none')!.getAttribute('aria-pressed')).toBe('true');
  await press(byId('hat-party'));
  expect(changeSettings).toHaveBeenLastCalledWith({ hat: 'party' });
  expect(byId<HTMLButtonElement>('hat-crown')!.disabled).toBe(true);
  expect(byId('hat-crown')!.textContent).toBe(words('home_level', { n: 10 }));
  expect(byId('hat-flowers')!.textContent).toBe(badgeWords('en', 'streak_3').name);
  await show(<Wardrobe student={{ ...student, settings: { ...student.settings, hat: 'party' } }} />);
  expect(byId('hat-party')!.getAttribute('aria-pressed')).toBe('true');
  await press(byId('hat-none'));
  expect(changeSettings).toHaveBeenLastCalledWith({ hat: '' });
});
