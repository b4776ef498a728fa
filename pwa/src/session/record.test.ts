import { describe, expect, it } from 'vitest';

import type { FinishedRound } from '../games/types.ts';
import { beginRecording, MOST_TRACE_BYTES, sessionOf } from './record.ts';

const round = (trace: number[] = [12, 1]): FinishedRound => ({
  score: 500,
  durationS: 120,
  accuracy: 0.85,
  completed: true,
  difficulty: 2,
  nextDifficulty: 3,
  stepReason: 'up',
  seed: 7,
  trace,
  reactionTimesMs: [412],
  stimuli: [{ t: 3333, kind: 'orb', right: true, reactionMs: 412, data: [1] }],
  effort: { orbs: 1, dodged: 0, waited: 0, longestChain: 1 },
  gameVersion: '1',
  feedback: { 'pt-BR': '', en: '', es: '' },
});

describe('a recorded session', () => {
  it('has its UUIDv7 from the start of play', () => {
    const recording = beginRecording('cyber_runner', 0);
    expect(sessionOf(recording, round()).session_id).toBe(recording.sessionId);
    expect(recording.sessionId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it('never ends before it began, even where the clock was set during the round', () => {
    const recording = beginRecording('cyber_runner', 1_000);
    const session = sessionOf(recording, round(), new Date('2020-01-01T00:00:00Z'), 131_000);
    expect(session.ended_at).toBe('2020-01-01T00:00:00.000Z');
    expect(session.started_at).toBe('2019-12-31T23:57:50.000Z');
  });

  it('keeps each stimulus, and drops a trace that nears its limit, never the session', () => {
    const recording = beginRecording('cyber_runner', 0);
    const long = Array.from({ length: MOST_TRACE_BYTES }, (_, n) => n % 7);
    const session = sessionOf(recording, round(long));
    expect(session.metadata.trace).toBeUndefined();
    expect(session.metadata.stimuli).toEqual([[3333, 'orb', 1, 412, 1]]);
    expect(sessionOf(recording, round()).metadata.trace).toEqual([12, 1]);
  });
});
