// @vitest-environment happy-dom
import { expect, test } from 'vitest';

import { PLAYABLE } from '../catalogue.ts';
import { aMe, anItem, aStudent } from '../screens/shown.tsx';
import { ownDay } from './diary.ts';
import { bestOf, isTired, lampsOf, litBy, suggestedGame, withFinished } from './today.ts';

const ended = new Date(2026, 10, 20, 15);
const session = (change = {}) => ({
  ...anItem().session,
  started_at: new Date(ended.getTime() - 125_000).toISOString(),
  ended_at: ended.toISOString(),
  ...change,
});

test('a round is told once: the lanterns that it lights are lit after it', () => {
  const student = aStudent();
  const first = litBy(student, session());
  expect(first.length).toBeGreaterThan(0);
  const after = withFinished(student, session());
  expect(lampsOf(after, ownDay(ended)).filter(({ lit }) => lit).map(({ id }) => id)).toEqual(first);
  expect(litBy(after, session()).some((id) => first.includes(id))).toBe(false);
});

test('a patient round is known by the counters of its game', () => {
  const waits = (effort: unknown) => withFinished(aStudent(), session({ metadata: { effort } })).diary!.days[0]!.rounds[0]!.waited;
  expect(waits({ waited: 6 })).toBe(6);
  expect(waits({})).toBe(0);
  expect(waits(undefined)).toBe(0);
});

test('a day lasts for the minutes of the class; 30 where the server does not say', () => {
  const day = ownDay(ended);
  const played = (seconds: number) => withFinished(aStudent({ me: aMe() }), session({ duration: seconds }));
  expect(isTired(played(1799), day)).toBe(false);
  expect(isTired(played(1800), day)).toBe(true);
  expect(isTired({ ...played(1800), me: aMe({ day_minutes: 31 }) }, day)).toBe(false);
  expect(isTired(aStudent(), day)).toBe(false);
});

test('a new child is sent to the first game; the own best knows the server’s', () => {
  expect(suggestedGame(aStudent())).toBe(PLAYABLE[0]);
  const games = [{ game_type: 'cyber_runner', plays: 3, best_score: 700, difficulty: 1 }];
  expect(bestOf(aStudent({ me: aMe({ games }) }), 'cyber_runner').best).toBe(700);
  // Behind that best a round is no best, in spite of being the first on this tablet.
  const after = withFinished(aStudent({ me: aMe({ games }) }), session({ score: 300 }));
  expect(after.diary!.days[0]!.rounds[0]!.best).toBe(false);
});
