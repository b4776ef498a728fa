/** A child's day on this tablet: what is suggested, which lanterns there are, and whether it is enough. */

import type { WireSession } from '../../contract/wire.ts';
import type { KnownStudent } from '../../outbox/store.ts';
import { PLAYABLE } from '../catalogue.ts';
import { dayOf, NO_DIARY, ownBest, ownDay, secondsOf, suggestion, withRound, type Diary, type Round } from './diary.ts';
import { lanternsOf, reached, type GoalId } from './lanterns.ts';

/** Of a server that does not say how long a day of this class is. */
const DAY_MINUTES = 30;

export function suggestedGame({ diary }: KnownStudent): string | undefined {
  return suggestion(diary ?? NO_DIARY, PLAYABLE);
}

export interface Lamp {
  id: GoalId;
  lit: boolean;
}

/** Today's lanterns. */
export function lampsOf({ id, diary }: KnownStudent, day: string = ownDay()): Lamp[] {
  const { lit } = dayOf(diary ?? NO_DIARY, day);
  return lanternsOf(id, day, PLAYABLE).map((goal) => ({ id: goal, lit: lit.includes(goal) }));
}

/** The student after a finished (or left) round. */
export function withFinished(student: KnownStudent, session: WireSession): KnownStudent {
  return { ...student, diary: diaryWith(student, session) };
}

/** The lanterns that this round lights. */
export function litBy(student: KnownStudent, session: WireSession): GoalId[] {
  const day = ownDay(Date.parse(session.ended_at));
  const before = dayOf(student.diary ?? NO_DIARY, day).lit;
  const { lit } = dayOf(diaryWith(student, session), day);
  return lanternsOf(student.id, day, PLAYABLE).filter((id) => lit.includes(id) && !before.includes(id));
}

/** Whether the child has played today for as long as the class plays on a day. */
export function isTired({ me, diary }: KnownStudent, day: string = ownDay()): boolean {
  return secondsOf(dayOf(diary ?? NO_DIARY, day)) >= 60 * (me?.day_minutes ?? DAY_MINUTES);
}

export function hasPlayedOn({ diary }: KnownStudent, day: string): boolean {
  return dayOf(diary ?? NO_DIARY, day).rounds.length > 0;
}

export function bestOf(student: KnownStudent, game: string, day: string = ownDay()): { best: number; raised: number } {
  return ownBest(student.diary ?? NO_DIARY, game, knownBest(student, game), day);
}

function knownBest({ me }: KnownStudent, game: string): number {
  return me?.games.find(({ game_type }) => game_type === game)?.best_score ?? 0;
}

function diaryWith(student: KnownStudent, session: WireSession): Diary {
  const { game_type: game, score, accuracy, completed, duration: seconds, metadata } = session;
  const played = {
    ...{ game, score, accuracy, completed, seconds },
    began: Date.parse(session.started_at),
    ended: Date.parse(session.ended_at),
    waited: waitedIn(metadata.effort),
  };
  return withRound(student.diary ?? NO_DIARY, played, {
    playable: PLAYABLE,
    known: knownBest(student, game),
    litBy: (rounds: readonly Round[], day: string) => reached(lanternsOf(student.id, day, PLAYABLE), rounds),
  });
}

/** How often something was left alone, by the game's own counters. */
function waitedIn(effort: unknown): number {
  const { waited } = (effort ?? {}) as Record<string, number | undefined>;
  return waited ?? 0;
}
