// @vitest-environment happy-dom
/** A child who plays on two tablets may have games that this one's build does not know. */
import { expect, test, vi } from 'vitest';

import { CATALOGUE } from '../catalogue.ts';
import { readBoard } from '../server.ts';
import { reportMissingPart } from '../updates.ts';
import { Board } from './Board.tsx';
import { Game } from './Game.tsx';
import { Home } from './Home.tsx';
import { all, aMe, anItem, aStudent, byId, find, show, words } from './shown.tsx';

vi.mock('../actions.ts');
vi.mock('../server.ts');
vi.mock('../updates.ts');

const LATER = 'of_a_later_release';

const student = aStudent({ me: aMe({ games: [{ game_type: LATER, plays: 3, best_score: 90, difficulty: 17 }] }) });
const item = anItem({}, 0);
const items = [{ ...item, session: { ...item.session, game_type: LATER, game_version: '9' } }];

test('the home screen shows the games of this build, and counts the others', async () => {
  await show(<Home student={student} />, { items });
  expect(all('.tile')).toHaveLength(CATALOGUE.length);
  expect(byId('level')!.dataset.xp).toBe(String(120 + 300 + 50 + 100));
});

test('the board has the games of this build', async () => {
  vi.mocked(readBoard).mockResolvedValue({ kind: 'away' } as Awaited<ReturnType<typeof readBoard>>);
  await show(<Board student={student} />, { items });
  expect(vi.mocked(readBoard).mock.calls.map(([, gameType]) => gameType)).not.toContain(LATER);
  expect(find('main')!.textContent).toContain(words('board_title'));
});

test('the game itself says that it does not come', async () => {
  await show(<Game gameType={LATER} />, { students: [student], currentId: student.id });
  await vi.waitFor(() => expect(find('[role=alert]')!.textContent).toContain(words('game_failed')));
  expect(reportMissingPart).toHaveBeenCalled();
});
