// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

import { choose } from '../actions.ts';
import { appState } from '../state.ts';
import { aStudent, byId, press, show, text, words } from './shown.tsx';
import { WhoPlays } from './WhoPlays.tsx';

vi.mock('../actions.ts');

test('a tablet that knows nobody says hello, and has the door of a new card alone', async () => {
  await show(<WhoPlays />);
  expect(text()).toContain(words('who_hello'));
  expect(byId('adults')).toBeNull();
  await press(byId('new-card'));
  expect(appState().screen).toEqual({ name: 'card' });
});

test('each child has a door; one whose token ended is asked for the card', async () => {
  await show(<WhoPlays />, { students: [aStudent(), aStudent({ id: 8, nickname: 'Calm Owl', access: 'expired' })] });
  expect(byId('child-7')!.textContent).not.toContain(words('who_needs_card'));
  expect(byId('child-8')!.textContent).toContain(words('who_needs_card'));
  expect(text()).not.toContain(words('who_hello'));
  await press(byId('child-7'));
  expect(choose).toHaveBeenCalledWith(7);
});

test('who signed out has no door, and adults still see the games', async () => {
  await show(<WhoPlays />, { students: [aStudent({ access: 'signed-out' })] });
  expect(byId('child-7')).toBeNull();
  await press(byId('adults'));
  expect(appState().screen).toEqual({ name: 'adults' });
});

test('a tablet that keeps nothing says so', async () => {
  await show(<WhoPlays />, { storageAway: true });
  expect(byId('storage-away')!.textContent).toBe(words('storage_away'));
});
