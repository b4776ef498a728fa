// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { KnownStudent } from '../outbox/store.ts';
import type * as Server from './server.ts';

const STUDENT = { id: 7, token: 't' } as KnownStudent;
const BOARD = { game_type: 'cyber_runner', week_of: '2026-11-23', entries: [], own: null };

let asked: number[] = [];
let replies: (() => Response)[] = [];
/** Each test has a page of its own. */
let server: typeof Server;

function busy(seconds: string | null, code = 'overloaded'): () => Response {
  const headers = { 'content-type': 'application/problem+json', ...(seconds && { 'retry-after': seconds }) };
  return () => new Response(JSON.stringify({ code, status: 503 }), { status: 503, headers });
}

beforeEach(async () => {
  vi.useFakeTimers();
  vi.resetModules();
  asked = [];
  replies = [];
  vi.stubGlobal('fetch', () => {
    asked.push(performance.now());
    return Promise.resolve((replies.shift() ?? busy(null))());
  });
  server = await import('./server.ts');
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test.each(['overloaded', 'stopping', 'store_unavailable'])('what is refused with %s is asked once more by itself, not before it is time', async (code) => {
  replies = [busy('3', code), () => Response.json(BOARD)];
  const answer = server.readBoard(STUDENT, 'cyber_runner');
  await vi.advanceTimersByTimeAsync(2_900);
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_700);
  expect(asked).toHaveLength(2);
  await answer;
});

test('it is asked no third time', async () => {
  replies = [busy('2'), busy('2'), busy('2')];
  const answer = server.readMe(STUDENT);
  await vi.advanceTimersByTimeAsync(60_000);
  expect((await answer).kind).toBe('away');
  expect(asked).toHaveLength(2);
});

test('until it is time, nothing else is asked either', async () => {
  replies = [busy('8')];
  const me = server.readMe(STUDENT);
  await vi.advanceTimersByTimeAsync(100);
  const board = server.readBoard(STUDENT, 'cyber_runner');
  await vi.advanceTimersByTimeAsync(7_800);
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(60_000);
  await Promise.all([me, board]);
  expect(asked.length).toBeGreaterThan(1);
});

test.each([busy(null), busy('3600')])('a screen waits for no proxy that asks for an hour, nor where nobody asks for it', async (reply) => {
  replies = [reply];
  const answer = server.signIn({ class_code: 'a', card_code: 'b', device_id: 'c' });
  await vi.advanceTimersByTimeAsync(100);
  expect((await answer).kind).toBe('away');
  expect(asked).toHaveLength(1);
});

test('tablets that are told the same do not come back at once', async () => {
  const { spread } = await import('../contract/answer.ts');
  const waits = Array.from({ length: 200 }, () => spread(4_000));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(4_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(6_000);
  expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(1_000);
});
