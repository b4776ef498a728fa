/** Turns a finished round into a session. */

import { uuidv7 } from 'uuidv7';

import type { WireSession } from '../contract/wire.ts';
import type { FinishedRound } from '../games/types.ts';

/** A longer trace is dropped, never the session: the server accepts 64 KiB per session. */
export const MOST_TRACE_BYTES = 48 * 1024;

/** A round in progress. It has its session id from the start. */
export interface Recording {
  sessionId: string;
  gameType: string;
  /** `performance.now()` at the start: clock changes do not affect it. */
  begun: number;
}

export function beginRecording(gameType: string, now: number = performance.now()): Recording {
  return { sessionId: uuidv7(), gameType, begun: now };
}

/** Resume a round after its page was closed, as the same session. */
export function goOnRecording(
  { sessionId, gameType, elapsedMs }: { sessionId: string; gameType: string; elapsedMs: number },
  now: number = performance.now(),
): Recording {
  return { sessionId, gameType, begun: now - elapsedMs };
}

/** The session of a finished (or left) round. Its start is calculated back from its end, so that
 * a clock that was changed meanwhile cannot make it end before it began. */
export function sessionOf(
  recording: Recording,
  round: FinishedRound,
  ended: Date = new Date(),
  now: number = performance.now(),
): WireSession {
  const elapsedMs = Math.max(now - recording.begun, round.durationS * 1000);
  const metadata: Record<string, unknown> = {
    difficulty: round.difficulty,
    next_difficulty: round.nextDifficulty,
    step_reason: round.stepReason,
    seed: round.seed,
    reaction_times_ms: round.reactionTimesMs,
    effort: round.effort,
    // [ms from the start, kind, right, reaction in ms or null, numbers of the game's own] of each stimulus.
    stimuli: round.stimuli.map(({ t, kind, right, reactionMs, data }) => [t, kind, right ? 1 : 0, reactionMs, ...data]),
  };
  if (JSON.stringify(round.trace).length <= MOST_TRACE_BYTES) metadata.trace = round.trace;
  return {
    session_id: recording.sessionId,
    game_type: recording.gameType,
    game_version: round.gameVersion,
    started_at: new Date(ended.getTime() - elapsedMs).toISOString(),
    ended_at: ended.toISOString(),
    utc_offset_minutes: -ended.getTimezoneOffset(),
    score: round.score,
    duration: round.durationS,
    accuracy: round.accuracy,
    completed: round.completed,
    metadata,
  };
}
