import fc from 'fast-check';
import { expect, test } from 'vitest';

import { CATALOGUE } from '../catalogue.ts';
import { dayOf, MOST_DAYS, MOST_ROUNDS, mondayOf, NO_DIARY, ownBest, ownDay, secondsOf, suggestion, withRound, type Diary, type Played } from './diary.ts';
import { GOAL_IDS, lanternsOf, reached, type GoalId } from './lanterns.ts';

const GAMES = CATALOGUE.map(({ id }) => id);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MORNING = new Date(2026, 10, 20, 9).getTime();

const students = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const days = fc.date({ min: new Date('1970-01-02'), max: new Date('2100-01-01'), noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10));
const playables = fc.subarray(GAMES, { minLength: 1 });

function played(change: Partial<Played> = {}, at = MORNING): Played {
  return { game: GAMES[0]!, began: at - 2 * MINUTE, ended: at, seconds: 120, score: 100, accuracy: 0.5, completed: true, waited: 0, ...change };
}

/** The diary after these rounds, with the lanterns of a student. */
function after(rounds: readonly Played[], { student = 7, playable = GAMES, diary = NO_DIARY as Diary } = {}): Diary {
  const litBy = (done: Parameters<typeof reached>[1], day: string) => reached(lanternsOf(student, day, playable), done);
  return rounds.reduce((kept, round) => withRound(kept, round, { playable, known: 0, litBy }), diary);
}

test('a day has three different goals, the same ones all day', () => {
  fc.assert(
    fc.property(students, days, playables, (student, day, playable) => {
      const goals = lanternsOf(student, day, playable);
      expect(new Set(goals).size).toBe(3);
      expect(lanternsOf(student, day, playable)).toEqual(goals);
    }),
  );
});

test('tomorrow has others, as soon as there are games enough', () => {
  fc.assert(
    fc.property(students, days, fc.subarray(GAMES, { minLength: 2 }), (student, day, playable) => {
      const next = ownDay(new Date(`${day}T12:00:00`).getTime() + DAY);
      const goals = lanternsOf(student, day, playable);
      lanternsOf(student, next, playable).forEach((goal, place) => expect(goal).not.toBe(goals[place]));
    }),
  );
});

test('each goal comes, and children of one class have different ones', () => {
  const seen = new Set<GoalId>();
  const firsts = new Set<string>();
  for (let student = 1; student <= 30; student += 1) {
    for (let day = 1; day <= 28; day += 1) lanternsOf(student, `2026-02-${String(day).padStart(2, '0')}`, GAMES).forEach((goal) => seen.add(goal));
    firsts.add(lanternsOf(student, '2026-02-03', GAMES).join());
  }
  expect([...seen].sort()).toEqual([...GOAL_IDS].sort());
  expect(firsts.size).toBeGreaterThan(6);
});

test('whatever can be played, a patient child lights all three on any day', () => {
  fc.assert(
    fc.property(students, days, playables, (student, day, playable) => {
      const noon = new Date(`${day}T12:00:00`).getTime();
      // Twice the suggested game, then each other game, with a rest before the last round.
      const rounds: Played[] = [];
      let diary = NO_DIARY;
      for (let n = 0; n < playable.length + 1; n += 1) {
        const game = n === 1 ? rounds[0]!.game : suggestion(diary, playable)!;
        const round = played({ game, score: 100 + n, accuracy: 0.9, waited: 6 }, noon + n * 8 * MINUTE);
        rounds.push(round);
        diary = after([round], { student, playable, diary });
      }
      expect([...dayOf(diary, day).lit].sort()).toEqual([...lanternsOf(student, day, playable)].sort());
    }),
  );
});

test.each<[GoalId, readonly Partial<Played>[], readonly Partial<Played>[]]>([
  ['neos_game', [{ game: GAMES[0]! }], [{ game: GAMES[3]! }]],
  ['two_games', [{ game: GAMES[0]! }, { game: GAMES[1]! }], [{}, {}]],
  ['three_games', [{ game: GAMES[0]! }, { game: GAMES[1]! }, { game: GAMES[2]! }], [{ game: GAMES[0]! }, { game: GAMES[1]! }, {}]],
  ['beat_last', [{ score: 100 }, { score: 101 }], [{ score: 100 }, { score: 100 }]],
  ['own_best', [{ score: 1 }], [{ score: 0 }]],
  ['two_stars', [{ accuracy: 0.7 }], [{ accuracy: 0.69 }, { accuracy: 0.9, completed: false }]],
  ['wait_five', [{ waited: 5 }], [{ waited: 4 }, { waited: 4 }]],
  ['to_the_end', [{}, {}], [{}, { completed: false }]],
  ['rest', [{}, { began: MORNING + 5 * MINUTE, ended: MORNING + 7 * MINUTE }], [{}, { began: MORNING + 4 * MINUTE, ended: MORNING + 6 * MINUTE }]],
  ['same_again', [{}, {}], [{}, { game: GAMES[1]! }, {}]],
])('%s is reached by what it says, and not by less', (goal, enough, less) => {
  const day = ownDay(MORNING);
  const roundsOf = (changes: readonly Partial<Played>[]) => dayOf(after(changes.map((change) => played(change))), day).rounds;
  expect(reached([goal], roundsOf(enough))).toEqual([goal]);
  expect(reached([goal], roundsOf(less))).toEqual([]);
});

const anyRound = fc.record({
  game: fc.constantFrom(...GAMES),
  ended: fc.integer({ min: MORNING - 3 * DAY, max: MORNING + 3 * DAY }),
  score: fc.nat(900),
  accuracy: fc.constantFrom(0, 0.5, 0.7, 1),
  completed: fc.boolean(),
  waited: fc.nat(9),
});

test('a clock that jumps does no harm: a lantern once lit stays lit on its day, and little is kept', () => {
  fc.assert(
    fc.property(fc.array(anyRound, { maxLength: 120 }), (rounds) => {
      let diary = NO_DIARY;
      for (const round of rounds) {
        const before = diary;
        diary = after([played({ ...round, began: round.ended - MINUTE })], { diary });
        for (const { day, lit } of diary.days) {
          expect(dayOf(before, day).lit.every((id) => lit.includes(id))).toBe(true);
        }
        expect(diary.days.length).toBeLessThanOrEqual(MOST_DAYS);
        expect(diary.days.every((day) => day.rounds.length <= MOST_ROUNDS)).toBe(true);
        const goals = lanternsOf(7, ownDay(round.ended), GAMES);
        expect(dayOf(diary, ownDay(round.ended)).lit.every((id) => goals.includes(id as GoalId))).toBe(true);
      }
      expect(JSON.stringify(diary).length).toBeLessThan(64 * 1024);
    }),
    { numRuns: 30 },
  );
});

test('the suggestion leads through all games, the one of longest ago first', () => {
  let diary = NO_DIARY;
  const met: string[] = [];
  for (let n = 0; n < 12; n += 1) {
    const game = suggestion(diary, GAMES)!;
    met.push(game);
    diary = after([played({ game }, MORNING + n * 3 * MINUTE)], { diary });
  }
  expect(met).toEqual([...GAMES, ...GAMES]);
  expect(suggestion(diary, [])).toBeUndefined();
});

test('the minutes of a day are those of its rounds alone', () => {
  const diary = after([played(), played({ seconds: 60 }, MORNING + 5 * MINUTE), played({}, MORNING + DAY)]);
  expect(secondsOf(dayOf(diary, ownDay(MORNING)))).toBe(180);
  expect(secondsOf(dayOf(diary, '1999-01-01'))).toBe(0);
});

test('the own best tells by how much this week raised it', () => {
  const game = GAMES[0]!;
  const monday = new Date(2026, 10, 16, 9).getTime();
  const today = ownDay(monday + 2 * DAY);
  expect(mondayOf(today)).toBe(ownDay(monday));
  const lastWeek = after([played({ score: 390 }, monday - 2 * DAY)]);
  expect(ownBest(lastWeek, game, 0, today)).toEqual({ best: 390, raised: 0 });
  const raised = after([played({ score: 350 }, monday), played({ score: 420 }, monday + DAY)], { diary: lastWeek });
  expect(ownBest(raised, game, 0, today)).toEqual({ best: 420, raised: 30 });
  // What the server knows from another tablet counts too.
  expect(ownBest(raised, game, 500, today).best).toBe(500);
  expect(ownBest(NO_DIARY, game, 0, today)).toEqual({ best: 0, raised: 0 });
  // The first week has nothing to compare with.
  expect(ownBest(after([played({ score: 5 }, monday)]), game, 0, today).raised).toBe(0);
});
