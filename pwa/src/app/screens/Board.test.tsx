// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

import type { Leaderboard } from '../../contract/wire.ts';
import { PLAYABLE } from '../catalogue.ts';
import { mondayOf, ownDay } from '../day/diary.ts';
import { readBoard, type Answer } from '../server.ts';
import { Board } from './Board.tsx';
import { all, aStudent, byId, find, press, show, text, words } from './shown.tsx';

vi.mock('../server.ts');

const TOP = [
  { nickname: 'Calm Owl', avatar: 'owl', score: 900 },
  { nickname: 'Bright Fox', avatar: 'fox', score: 800 },
];

async function answered(answer: Answer<Leaderboard> | Promise<never>): Promise<void> {
  vi.mocked(readBoard).mockReturnValue(Promise.resolve(answer));
  await show(<Board student={aStudent()} />);
}

function places(change: Partial<Leaderboard>): Answer<Leaderboard> {
  return { kind: 'ok', value: { game_type: 'cyber_runner', period: 'week', since: '', top: TOP, me: null, ...change } };
}

test('until it is answered it is waited for', async () => {
  await answered(new Promise<never>(() => undefined));
  expect(find('[role=status]')!.textContent).toBe(words('loading'));
});

test('the first three stand on a podium, the others below; one’s own place among the five stands out', async () => {
  const top = ['A', 'B', 'C', 'D', 'E'].map((nickname, index) => ({ ...TOP[0]!, nickname, score: 900 - index }));
  await answered(places({ top, me: { rank: 4, score: 897 } }));
  expect(all('.podium .place-name').map((name) => name.textContent)).toEqual(['A', 'B', 'C']);
  expect(all('.places .place-name').map((name) => name.textContent)).toEqual(['D', 'E']);
  expect(all('[data-own=true] .place-name').map((name) => name.textContent)).toEqual(['D']);
  expect(all('.you')).toHaveLength(1);
  await answered(places({ me: { rank: 2, score: 800 } }));
  expect(all('[data-own=true] .rank').map((rank) => rank.textContent)).toEqual(['2']);
});

test('a place behind the five is not told', async () => {
  await answered(places({ me: { rank: 14, score: 20 } }));
  expect(all('[data-own=true]')).toEqual([]);
  expect(text()).not.toContain('14');
});

test('one’s own best comes first, and what this week added to it, without any network', async () => {
  await answered({ kind: 'away' });
  expect(byId('own-best')!.textContent).toBe(words('board_no_best'));
  const past = { ended: 1, last: 400, best: 420, week: mondayOf(ownDay()), before: 390 };
  vi.mocked(readBoard).mockReturnValue(Promise.resolve({ kind: 'away' }));
  await show(<Board student={aStudent({ diary: { days: [], games: { cyber_runner: past } } })} />);
  expect(byId('own-best')!.textContent).toBe(words('board_best', { n: 420 }) + words('board_raised', { n: 30 }));
});

test('each game that can be played has its board, if there are several', async () => {
  await answered(places({}));
  const tabs = all('.tab');
  expect(tabs).toHaveLength(PLAYABLE.length > 1 ? PLAYABLE.length : 0);
  for (const [index, tab] of tabs.entries()) {
    await press(tab);
    expect(readBoard).toHaveBeenLastCalledWith(expect.anything(), PLAYABLE[index]);
    expect(tab.getAttribute('aria-pressed')).toBe('true');
  }
});

test.each([
  [places({ top: [] }), 'board_empty'],
  [{ kind: 'refused', problem: { code: 'leaderboard_off' }, retryAfterS: 0 } as Answer<Leaderboard>, 'board_off'],
  [{ kind: 'refused', problem: { code: 'unauthorized' }, retryAfterS: 0 } as Answer<Leaderboard>, 'board_offline'],
  [{ kind: 'away' } as Answer<Leaderboard>, 'board_offline'],
] as const)('%o is told in words', async (answer, key) => {
  await answered(answer);
  expect(text()).toContain(words(key));
  expect(all('.podium')).toEqual([]);
});
