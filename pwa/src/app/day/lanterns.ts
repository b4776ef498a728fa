/** The three lanterns of a day: which goals they are, and what lights them. Pure.
 *
 * One goal to meet the games, one to grow, one of patience. They go round by the day, and begin at another
 * place for each child; each can be reached with the games that can be played. */

import { gameOf } from '../catalogue.ts';
import { dayNumber, type Round } from './diary.ts';

interface Goal {
  /** Whether it can be reached with these games. */
  reachable(playable: readonly string[]): boolean;
  /** Whether a day's rounds reach it, oldest first. */
  reached(rounds: readonly Round[]): boolean;
}

const always = () => true;
const different = (rounds: readonly Round[]) => new Set(rounds.map(({ game }) => game)).size;
const some = (test: (round: Round) => boolean) => (rounds: readonly Round[]) => rounds.some(test);

/** Skills whose games have things to leave alone. */
const OF_WAITING = ['attention', 'inhibition', 'working_memory'];
const WAITED = 5;
const REST_MS = 5 * 60_000;

const GOALS = {
  neos_game: { reachable: always, reached: some(({ suggested }) => suggested) },
  two_games: { reachable: ({ length }) => length >= 2, reached: (rounds) => different(rounds) >= 2 },
  three_games: { reachable: ({ length }) => length >= 3, reached: (rounds) => different(rounds) >= 3 },

  beat_last: { reachable: always, reached: some(({ beatLast }) => beatLast) },
  own_best: { reachable: always, reached: some(({ best }) => best) },
  two_stars: { reachable: always, reached: some(({ completed, accuracy }) => completed && accuracy >= 0.7) },

  wait_five: {
    reachable: (playable) => playable.some((game) => OF_WAITING.includes(gameOf(game)?.skill ?? '')),
    reached: some(({ waited }) => waited >= WAITED),
  },
  to_the_end: { reachable: always, reached: (rounds) => rounds.filter(({ completed }) => completed).length >= 2 },
  rest: {
    reachable: always,
    reached: (rounds) => rounds.some((round, index) => index > 0 && round.began - rounds[index - 1]!.ended >= REST_MS),
  },
  same_again: {
    reachable: always,
    reached: (rounds) => rounds.some((round, index) => index > 0 && round.game === rounds[index - 1]!.game),
  },
} satisfies Record<string, Goal>;

export type GoalId = keyof typeof GOALS;

const KINDS: readonly (readonly GoalId[])[] = [
  ['neos_game', 'two_games', 'three_games'],
  ['beat_last', 'own_best', 'two_stars'],
  ['wait_five', 'to_the_end', 'rest', 'same_again'],
];

export const GOAL_IDS: readonly GoalId[] = KINDS.flat();

/** The goals of a child's day. */
export function lanternsOf(studentId: number, day: string, playable: readonly string[]): GoalId[] {
  return KINDS.map((kind, index) => {
    const goals = kind.filter((id) => GOALS[id].reachable(playable));
    const place = Math.abs(dayNumber(day)) + (Math.imul(studentId, 2654435761 + 40503 * index) >>> 8);
    return goals[place % goals.length]!;
  });
}

/** Which of these goals the rounds of a day reach. */
export function reached(goals: readonly GoalId[], rounds: readonly Round[]): GoalId[] {
  return goals.filter((id) => GOALS[id].reached(rounds));
}
