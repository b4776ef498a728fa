// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';

import type { FinishedRound } from '../../games/types.ts';
import type { Key } from '../../i18n/index.ts';
import { badgeWords } from '../achievements.ts';
import { ownDay } from '../day/diary.ts';
import { lampsOf } from '../day/today.ts';
import { appState, type Result } from '../state.ts';
import { ResultScreen } from './ResultScreen.tsx';
import { Sleepy } from './Sleepy.tsx';
import { act, all, aMe, anItem, aStudent, byId, find, press, show, text, words } from './shown.tsx';

vi.mock('../actions.ts');

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A result whose buttons have opened. */
async function showOpen(...given: Parameters<typeof show>): Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await show(...given);
  await act(() => vi.runAllTimers());
  vi.useRealTimers();
}

const FEEDBACK = { 'pt-BR': 'Que olhar!', en: 'Sharp eyes!', es: '¡Qué mirada!' };

function aResult(accuracy = 0.9, completed = true, change: Partial<Result> = {}): Result {
  const round = { score: 300, accuracy, completed, feedback: FEEDBACK } as unknown as FinishedRound;
  const session = { ...anItem().session, accuracy, completed };
  return { gameType: 'cyber_runner', session, round, xpBefore: 0, badgesBefore: [], saved: true, lit: [], ...change };
}

const TITLES: [number, boolean, Key, number][] = [
  [0.9, true, 'result_great', 3],
  [0.75, true, 'result_good', 2],
  [0.55, true, 'result_average', 1],
  [0.2, true, 'result_average', 1],
  [0.9, false, 'result_try', 1],
];

test.each(TITLES)('accuracy %d, completed %s: %s with %d stars', async (accuracy, completed, key, stars) => {
  await show(<ResultScreen student={aStudent()} result={aResult(accuracy, completed)} />);
  expect(find('h1')!.textContent).toBe(words(key));
  expect(find('.stars')!.getAttribute('aria-label')).toBe(words('stars', { n: stars }));
  expect(byId('feedback')!.textContent).toBe(FEEDBACK.en);
});

test('points and glow count up to what was won; a tap ends that at once', async () => {
  let frame: FrameRequestCallback = () => undefined;
  vi.stubGlobal('requestAnimationFrame', (next: FrameRequestCallback) => ((frame = next), 1));
  const student = aStudent();
  student.settings = { ...student.settings, calm: false };
  await show(<ResultScreen student={student} result={aResult()} />);
  const score = byId('result-score')!;
  expect(score.textContent).toBe('0');
  await act(async () => frame(performance.now() + 900));
  expect(Number(score.textContent)).toBeGreaterThan(100);
  expect(Number(score.textContent)).toBeLessThan(300);
  await press(find('.result'));
  expect(score.textContent).toBe('300');
  expect(text()).toContain(words('result_xp', { n: 450 }));
  expect(text()).toContain(words('home_level', { n: 4 }));
});

test('badges that are new are shown, and those from before are not', async () => {
  const achievements = ['first_game', 'old'].map((id) => ({ id, unlocked_at: '2026-01-01T00:00:00Z' }));
  const result = aResult(0.9, true, { badgesBefore: ['old'] });
  await show(<ResultScreen student={aStudent({ me: aMe({ achievements }) })} result={result} />);
  const [fresh, ...more] = all('.new-badge');
  expect(fresh!.textContent).toBe(words('result_badge') + badgeWords('en', 'first_game').name);
  expect(more).toEqual([]);
});

const WHERE: [Partial<Result>, Key][] = [
  [{ saved: true }, 'result_saved'],
  [{ saved: false }, 'result_unsaved'],
  [{ saved: false, sent: true }, 'result_sent'],
];

test.each(WHERE)('%o says where the game is', async (change, key) => {
  await show(<ResultScreen student={aStudent()} result={aResult(0.9, true, change)} />);
  expect(byId('saved')!.textContent).toBe(words(key));
});

test.each([true, false])('the last tap of a round, in calm mode: %s, presses no button of the result', async (calm) => {
  vi.stubGlobal('requestAnimationFrame', () => 0);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const student = aStudent();
  student.settings = { ...student.settings, calm };
  await show(<ResultScreen student={student} result={aResult()} />, { screen: { name: 'result', result: aResult() } });
  for (const way of ['again', 'result-home']) {
    await act(() => vi.advanceTimersByTime(200));
    await press(byId(way));
    expect(appState().screen.name).toBe('result');
  }
  await act(() => vi.advanceTimersByTime(200));
  await press(byId('result-home'));
  expect(appState().screen).toEqual({ name: 'home' });
});

test('the ways on are another round and home', async () => {
  await showOpen(<ResultScreen student={aStudent()} result={aResult()} />);
  await press(byId('again'));
  expect(appState().screen).toMatchObject({ name: 'game', gameType: 'cyber_runner' });
  await showOpen(<ResultScreen student={aStudent()} result={aResult()} />);
  await press(byId('result-home'));
  expect(appState().screen).toEqual({ name: 'home' });
});

test('a lantern that the round lit is told; when all three are lit, that too', async () => {
  const student = aStudent();
  const goals = lampsOf(student).map(({ id }) => id);
  const diaryOf = (lit: string[]) => ({ days: [{ day: ownDay(), rounds: [], lit }], games: {} });
  await showOpen(<ResultScreen student={{ ...student, diary: diaryOf(goals.slice(0, 1)) }} result={aResult(0.9, true, { lit: goals.slice(0, 1) })} />);
  expect(byId(`lit-${goals[0]}`)!.textContent).toBe(words('lantern_lit') + words(`goal_${goals[0]!}`));
  expect(text()).not.toContain(words('lantern_all'));
  await showOpen(<ResultScreen student={{ ...student, diary: diaryOf(goals) }} result={aResult(0.9, true, { lit: goals.slice(2) })} />);
  expect(text()).toContain(words('lantern_all'));
  await showOpen(<ResultScreen student={{ ...student, diary: diaryOf(goals) }} result={aResult()} />);
  expect(text()).not.toContain(words('lantern_all'));
});

test.each(['again', 'result-home'])('after the minutes of the day, %s leads past sleepy Neo, who locks nothing', async (way) => {
  const round = { game: 'cyber_runner', began: 0, ended: 0, seconds: 600, score: 1, accuracy: 1, completed: true };
  const rounds = [{ ...round, waited: 0, suggested: false, beatLast: false, best: false }];
  const diary = { days: [{ day: ownDay(), rounds, lit: [] }], games: {} };
  const student = aStudent({ diary, me: aMe({ day_minutes: 11 }) });
  await showOpen(<ResultScreen student={student} result={aResult()} />);
  await press(byId(way));
  expect(appState().screen.name).not.toBe('sleepy');
  await showOpen(<ResultScreen student={{ ...student, me: aMe({ day_minutes: 10 }) }} result={aResult()} />);
  await press(byId(way));
  expect(appState().screen).toEqual({ name: 'sleepy', gameType: 'cyber_runner' });
  await show(<Sleepy gameType="cyber_runner" />);
  expect(find('h1')!.textContent).toBe(words('sleepy_title'));
  await press(byId('sleepy-more'));
  expect(appState().screen).toMatchObject({ name: 'game', gameType: 'cyber_runner' });
  await show(<Sleepy gameType="cyber_runner" />);
  await press(byId('sleepy-home'));
  expect(appState().screen).toEqual({ name: 'home' });
});
