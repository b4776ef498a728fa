// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

import type { Leaderboard } from '../../contract/wire.ts';
import { readBoard, type Answer } from '../server.ts';
import { Board } from './Board.tsx';
import { all, aStudent, find, show, text, words } from './shown.tsx';

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

test('the class by rank; one’s own place among the first stands out', async () => {
  await answered(places({ me: { rank: 2, score: 800 } }));
  expect(all('.places .place-name').map((name) => name.textContent)).toEqual(['Calm Owl', 'Bright Fox']);
  expect(all('.places .own').map((place) => place.querySelector('.rank')!.textContent)).toEqual(['2']);
  expect(find('.place-own')).toBeNull();
});

test('a place behind the first is told below them', async () => {
  await answered(places({ me: { rank: 14, score: 20 } }));
  expect(all('.places .own')).toEqual([]);
  expect(find('.place-own')!.textContent).toContain(words('board_rank', { n: 14 }));
});

test('who has no place yet sees the others alone', async () => {
  await answered(places({}));
  expect(all('.own')).toEqual([]);
});

test.each([
  [places({ top: [] }), 'board_empty'],
  [{ kind: 'refused', problem: { code: 'leaderboard_off' }, retryAfterS: 0 } as Answer<Leaderboard>, 'board_off'],
  [{ kind: 'refused', problem: { code: 'unauthorized' }, retryAfterS: 0 } as Answer<Leaderboard>, 'board_offline'],
  [{ kind: 'away' } as Answer<Leaderboard>, 'board_offline'],
] as const)('%o is told in words', async (answer, key) => {
  await answered(answer);
  expect(text()).toContain(words(key));
  expect(all('.places')).toEqual([]);
});
