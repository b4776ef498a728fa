// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

import { loadGame } from '../../games/index.ts';
import { language } from '../../i18n/index.ts';
import { hush, speak } from '../../games/engine/voice.ts';
import { changeSettings, showAgain, speaks } from '../actions.ts';
import { gameOf } from '../catalogue.ts';
import { appState } from '../state.ts';
import { reportMissingPart } from '../updates.ts';
import { Before } from './Before.tsx';
import { all, aStudent, byId, find, press, show, text, words } from './shown.tsx';

vi.mock('../actions.ts');
vi.mock('../../games/engine/voice.ts');
vi.mocked(speaks).mockImplementation(({ sound, voice }) => sound && voice !== false);
vi.mocked(showAgain).mockResolvedValue(undefined);
vi.mock('../updates.ts');
vi.mock('../../games/index.ts');

const preview = vi.fn();

function loads() {
  vi.mocked(loadGame).mockResolvedValue({ preview } as unknown as Awaited<ReturnType<typeof loadGame>>);
}

test('it shows how the game goes, by picture, words and level, and begins it', async () => {
  loads();
  const student = aStudent();
  student.settings = { ...student.settings, difficulty: { cyber_runner: 4 } };
  await show(<Before student={student} gameType="cyber_runner" />);
  expect(preview).toHaveBeenCalledWith(find('.preview'), { language: language(), reducedMotion: true });
  expect(text()).toContain(gameOf('cyber_runner')!.how![language()]);
  expect(find('.lanterns')!.getAttribute('aria-label')).toBe(words('before_level', { n: 3 }));
  await press(byId('play'));
  expect(appState().screen).toMatchObject({ name: 'game', gameType: 'cyber_runner' });
});

test.each([true, false])('sound that is on (%s) is turned over', async (sound) => {
  loads();
  const student = aStudent();
  student.settings = { ...student.settings, sound };
  await show(<Before student={student} gameType="cyber_runner" />);
  await press(find(`[aria-label="${words(sound ? 'sound_on' : 'sound_off')}"]`));
  expect(changeSettings).toHaveBeenLastCalledWith({ sound: !sound });
});

test('how it goes is spoken where sound and voice are on, and hushed on the way out', async () => {
  loads();
  const student = aStudent();
  await show(<Before student={{ ...student, settings: { ...student.settings, sound: true } }} gameType="cyber_runner" />);
  expect(speak).toHaveBeenLastCalledWith(gameOf('cyber_runner')!.how![language()], language());
  vi.mocked(speak).mockClear();
  await show(<Before student={{ ...student, settings: { ...student.settings, sound: true, voice: false } }} gameType="cyber_runner" />);
  expect(speak).not.toHaveBeenCalled();
  expect(hush).toHaveBeenCalled();
});

test('a child who has seen the tutorial can see it again', async () => {
  loads();
  const student = aStudent();
  await show(<Before student={student} gameType="cyber_runner" />);
  expect(byId('tutorial')).toBeNull();
  await show(<Before student={{ ...student, settings: { ...student.settings, tutorials: ['cyber_runner'] } }} gameType="cyber_runner" />);
  await press(byId('tutorial'));
  expect(showAgain).toHaveBeenCalledWith('cyber_runner');
  expect(appState().screen).toMatchObject({ name: 'game', gameType: 'cyber_runner' });
});

test('a game without words of its own shows its picture alone', async () => {
  loads();
  await show(<Before student={aStudent()} gameType="of a later release" />);
  expect(all('.before-how, .before-keys')).toEqual([]);
  expect(byId('play')).not.toBeNull();
});

test('a game that does not come is told of', async () => {
  vi.mocked(loadGame).mockRejectedValue(new Error('cut'));
  await show(<Before student={aStudent()} gameType="cyber_runner" />);
  expect(find('[role=alert]')!.textContent).toBe(words('game_failed'));
  expect(reportMissingPart).toHaveBeenCalled();
});
