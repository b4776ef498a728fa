// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

import { leaveToWho } from '../actions.ts';
import { CATALOGUE, PLAYABLE } from '../catalogue.ts';
import { ownDay } from '../day/diary.ts';
import { lampsOf, withFinished } from '../day/today.ts';
import { appState } from '../state.ts';
import { Home } from './Home.tsx';
import { all, aMe, anItem, aStudent, byId, find, press, show, text, words } from './shown.tsx';

vi.mock('../actions.ts');

const TODAY = new Date().toLocaleDateString('sv');

test('a new child is at level 1, with a lantern to light and no badge', async () => {
  await show(<Home student={aStudent()} />);
  expect(find('h1')!.textContent).toBe(words('home_hello', { name: 'Bright Fox' }));
  expect(byId('level')!.dataset).toMatchObject({ xp: '0', level: '1' });
  expect(text()).toContain(words('home_streak_none'));
  expect(find('[aria-label="' + words('home_lanterns') + '"]')!.children).toHaveLength(3);
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

test('a round of today lights the lantern, whatever day the server counted it on', async () => {
  const counted = aStudent({ me: aMe({ streak: { days: 4, today: true, last_day: '2020-01-01' } }) });
  const student = withFinished(counted, anItem({}, 0).session);
  await show(<Home student={student} />);
  expect(find('.streak')!.textContent).toBe(words('home_streak', { n: 4 }));
});

test.each(CATALOGUE.map((game) => [game.id, game] as const))('the tile of %s opens its game, or says that it is not ready', async (id, game) => {
  await show(<Home student={aStudent()} />);
  const tile = byId<HTMLButtonElement>(`tile-${id}`)!;
  expect(tile.textContent).toContain(game.names.en);
  expect(tile.disabled).toBe(false);
  if (!game.playable) expect(tile.textContent).toContain(words('home_soon'));
  const { screen } = appState();
  await press(tile);
  if (game.playable) return expect(appState().screen).toEqual({ name: 'before', gameType: id });
  expect(appState().screen).toBe(screen);
  expect(find('.tiles [role=status]')!.textContent).toBe(words('home_wait'));
  expect(tile.querySelector('.tile-says')!.textContent).toBe(words('home_wait'));
});

test('the game that was played the longest ago is the large one, and the first', async () => {
  await show(<Home student={aStudent()} />);
  const [first, ...others] = all('.tiles > button');
  expect(first!.dataset.testid).toBe(`tile-${PLAYABLE[0]}`);
  expect(first!.textContent).toContain(words('home_next'));
  expect(others.some((tile) => tile.textContent.includes(words('home_next')))).toBe(false);
  expect(others).toHaveLength(CATALOGUE.length - 1);
});

test('the lanterns of today are lit as far as the child has come', async () => {
  const student = aStudent();
  const [goal] = lampsOf(student);
  const diary = { days: [{ day: ownDay(), rounds: [], lit: [goal!.id] }], games: {} };
  await show(<Home student={{ ...student, diary }} />);
  const lamps = all('.lamp');
  expect(lamps.map((lamp) => lamp.dataset.lit)).toEqual(['true', 'false', 'false']);
  expect(lamps[0]!.textContent).toContain(words('lantern_lit'));
  expect(lamps[1]!.textContent).toContain(words('lantern_dark'));
  expect(lamps.map((lamp) => lamp.dataset.goal)).toEqual(lampsOf(student).map(({ id }) => id));
});

test.each(['badges', 'board', 'adults'] as const)('the door to %s opens', async (name) => {
  await show(<Home student={aStudent()} />);
  await press(byId(name));
  expect(appState().screen).toEqual({ name });
});
