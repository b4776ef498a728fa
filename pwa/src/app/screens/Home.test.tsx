// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

import { badgeWords } from '../achievements.ts';
import { leaveToWho } from '../actions.ts';
import { CATALOGUE } from '../catalogue.ts';
import { appState } from '../state.ts';
import { Home } from './Home.tsx';
import { aMe, anItem, aStudent, byId, find, press, show, text, words } from './shown.tsx';

vi.mock('../actions.ts');

const TODAY = new Date().toLocaleDateString('sv');

test('a new child is at level 1, with a lantern to light and no badge', async () => {
  await show(<Home student={aStudent()} />);
  expect(find('h1')!.textContent).toBe(words('home_hello', { name: 'Bright Fox' }));
  expect(byId('level')!.dataset).toMatchObject({ xp: '0', level: '1' });
  expect(text()).toContain(words('home_streak_none'));
  expect(byId('shelf')).toBeNull();
  await press(byId('switch-child'));
  expect(leaveToWho).toHaveBeenCalled();
});

test('the medal counts what the server knows, and what it does not know yet', async () => {
  await show(<Home student={aStudent({ me: aMe() })} />, { items: [anItem()] });
  expect(byId('level')!.dataset).toMatchObject({ xp: String(120 + 300 + 50 + 100), level: '4' });
});

const STREAKS: [string, { days: number; last_day: string | null }, boolean, string][] = [
  ['the days before count with a game of today', { days: 2, last_day: '2020-01-01' }, true, words('home_streak', { n: 3 })],
  ['a day that the server counted is not counted twice', { days: 3, last_day: TODAY }, true, words('home_streak', { n: 3 })],
  ['a day that the server counted is enough', { days: 3, last_day: TODAY }, false, words('home_streak', { n: 3 })],
  ['without a game of today the lantern is dark', { days: 3, last_day: '2020-01-01' }, false, words('home_streak_none')],
];

test.each(STREAKS)('%s', async (_, streak, playedToday, said) => {
  const student = aStudent({ me: aMe({ streak: { ...streak, today: false } }) });
  await show(<Home student={student} />, { items: playedToday ? [anItem({}, 0)] : [] });
  expect(find('.streak')!.textContent).toBe(said);
});

test('the shelf has the five newest badges, the newest first', async () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'first_game'];
  const achievements = ids.map((id) => ({ id, unlocked_at: '2026-01-01T00:00:00Z' }));
  await show(<Home student={aStudent({ me: aMe({ achievements }) })} />);
  const shelf = byId('shelf')!;
  expect(shelf.children).toHaveLength(5);
  expect(shelf.firstElementChild!.textContent).toBe(badgeWords('en', 'first_game').name);
});

test.each(CATALOGUE.map((game) => [game.id, game] as const))('the tile of %s opens its game, or waits', async (id, game) => {
  await show(<Home student={aStudent()} />);
  const tile = byId<HTMLButtonElement>(`tile-${id}`)!;
  expect(tile.textContent).toContain(game.names.en);
  expect(tile.disabled).toBe(!game.playable);
  if (!game.playable) return expect(tile.textContent).toContain(words('home_soon'));
  await press(tile);
  expect(appState().screen).toEqual({ name: 'before', gameType: id });
});

test.each(['badges', 'board', 'adults'] as const)('the door to %s opens', async (name) => {
  await show(<Home student={aStudent()} />);
  await press(byId(name));
  expect(appState().screen).toEqual({ name });
});
