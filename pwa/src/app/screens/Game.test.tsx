// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

import { loadGame } from '../../games/index.ts';
import { appState } from '../state.ts';
import { reportMissingPart } from '../updates.ts';
import { Game } from './Game.tsx';
import { aStudent, find, press, show, words } from './shown.tsx';

vi.mock('../actions.ts');
vi.mock('../sending.ts');
vi.mock('../updates.ts');
vi.mock('../../games/index.ts');
vi.mock('../../session/checkpoint.ts');

const CHILD = { students: [aStudent()], currentId: 7 };
type Module = Awaited<ReturnType<typeof loadGame>>;

test('until the game is there it is waited for', async () => {
  vi.mocked(loadGame).mockReturnValue(new Promise(() => undefined));
  await show(<Game gameType="cyber_runner" />, CHILD);
  expect(find('[role=status]')!.textContent).toBe(words('loading'));
});

test('the game gets the place, with the settings of the child', async () => {
  const mount = vi.fn((place: HTMLElement) => {
    place.textContent = 'the game';
    return { pause: vi.fn(), save: () => null, destroy: vi.fn() };
  });
  vi.mocked(loadGame).mockResolvedValue({ version: '1', mount } as unknown as Module);
  await show(<Game gameType="cyber_runner" />, CHILD);
  expect(find('.game-host')!.textContent).toBe('the game');
  expect(find('[role=status]')).toBeNull();
  const given = { difficulty: 1, sound: true, reducedMotion: true, resume: undefined };
  expect(mount).toHaveBeenCalledWith(find('.game-host'), expect.objectContaining(given));
});

test('a game that does not come leads home', async () => {
  vi.mocked(loadGame).mockRejectedValue(new Error('cut'));
  await show(<Game gameType="cyber_runner" />, CHILD);
  expect(find('[role=alert]')!.textContent).toContain(words('game_failed'));
  expect(reportMissingPart).toHaveBeenCalled();
  await press(find('[role=alert] button'));
  expect(appState().screen).toEqual({ name: 'home' });
});
