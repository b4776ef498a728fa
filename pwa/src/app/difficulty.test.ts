// @vitest-environment happy-dom
import { expect, it, test } from 'vitest';

import { CATALOGUE } from './catalogue.ts';
import { difficultyOf, lanternsOf, levelsOf } from './difficulty.ts';
import { aMe, aStudent } from './screens/shown.tsx';

/** A student for whom the tablet, and the server, know these levels of Lantern Run. */
function knownBy(tablet?: number, server?: number) {
  const student = aStudent({
    me: aMe({ games: server === undefined ? [] : [{ game_type: 'cyber_runner', plays: 1, best_score: 5, difficulty: server }] }),
  });
  student.settings = { ...student.settings, difficulty: tablet === undefined ? {} : { cyber_runner: tablet } };
  return student;
}

const [lowest, highest] = levelsOf('cyber_runner');

it.each([
  [knownBy(), lowest],
  [knownBy(3), 3],
  [knownBy(undefined, 4), 4],
  [knownBy(3, 4), 3],
  [knownBy(99), highest],
  [knownBy(-5), lowest],
  [knownBy(2.4), 2],
])('begins a round at the level that is known, within the levels of the game (%#)', (student, level) => {
  expect(difficultyOf(student, 'cyber_runner')).toBe(level);
});

test.each(CATALOGUE.map(({ id }) => id))('%s has one lantern at its lowest level and five at its highest', (id) => {
  const levels = levelsOf(id);
  expect([lanternsOf(id, levels[0]), lanternsOf(id, levels[1])]).toEqual([1, 5]);
});

test('a game of a later release has any level', () => {
  expect(difficultyOf(knownBy(), 'of a later release')).toBe(0);
  expect(lanternsOf('of a later release', 99)).toBe(5);
});
