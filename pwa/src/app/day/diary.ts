/** What a tablet remembers of a child's rounds: the last days, and the best of each game. Pure.
 *
 * It decides what is shown: the suggested game, the lanterns of the day and the end of the day. What counts
 * for the class is the server's. */

import type { Day, Diary, Round } from '../../contract/diary.ts';

export type { Day, Diary, Round };

export const MOST_DAYS = 3;
export const MOST_ROUNDS = 60;

export const NO_DIARY: Diary = { days: [], games: {} };

const DAY_MS = 24 * 60 * 60 * 1000;

/** The tablet's calendar day of a moment, YYYY-MM-DD. */
export function ownDay(moment: number | Date = Date.now()): string {
  const date = new Date(moment);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Days since 1970-01-01 of a calendar day. */
export function dayNumber(day: string): number {
  return Math.floor(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
}

/** The Monday of the week of a calendar day. */
export function mondayOf(day: string): string {
  const number = dayNumber(day);
  // 1970-01-01 was a Thursday.
  return new Date((number - ((number + 3) % 7)) * DAY_MS).toISOString().slice(0, 10);
}

export function dayOf(diary: Diary, day: string): Day {
  return diary.days.find((one) => one.day === day) ?? { day, rounds: [], lit: [] };
}

/** Among these games the one that was played the longest ago; one never played comes first. */
export function suggestion(diary: Diary, games: readonly string[]): string | undefined {
  const ended = (game: string) => diary.games[game]?.ended ?? 0;
  return [...games].sort((a, b) => ended(a) - ended(b))[0];
}

/** What a finished round brings with it. */
export type Played = Pick<Round, 'game' | 'began' | 'ended' | 'seconds' | 'score' | 'accuracy' | 'completed' | 'waited'>;

/** Add a round. `known` is the best score of this game that the server knows; `litBy` says which lanterns
 * the rounds of a day light. */
export function withRound(
  diary: Diary,
  played: Played,
  { playable, known, litBy }: { playable: readonly string[]; known: number; litBy(rounds: readonly Round[], day: string): readonly string[] },
): Diary {
  const day = ownDay(played.ended);
  const past = diary.games[played.game];
  const best = Math.max(past?.best ?? 0, known);
  const round: Round = {
    ...played,
    suggested: suggestion(diary, playable) === played.game,
    beatLast: past !== undefined && played.score > past.last,
    best: played.score > 0 && played.score >= best,
  };
  const page = dayOf(diary, day);
  const rounds = [...page.rounds, round].slice(-MOST_ROUNDS);
  const lit = [...new Set([...page.lit, ...litBy(rounds, day)])];
  const others = diary.days.filter((one) => one.day !== day);
  const week = mondayOf(day);
  return {
    days: [...others, { day, rounds, lit }].slice(-MOST_DAYS),
    games: {
      ...diary.games,
      [played.game]: {
        ended: played.ended,
        last: played.score,
        best: Math.max(best, played.score),
        week,
        before: past?.week === week ? past.before : best > 0 ? best : null,
      },
    },
  };
}

/** How long the child has played on a day, in seconds. */
export function secondsOf({ rounds }: Day): number {
  return rounds.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** The best of a game on this tablet or known to the server, and by how much this week has raised it. */
export function ownBest(diary: Diary, game: string, known: number, day: string): { best: number; raised: number } {
  const past = diary.games[game];
  const best = Math.max(past?.best ?? 0, known);
  const raised = past?.week === mondayOf(day) && past.before !== null ? past.best - past.before : 0;
  return { best, raised: Math.max(raised, 0) };
}
