import 'fake-indexeddb/auto';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import * as store from '../outbox/store.ts';
import { settleRounds } from './checkpoint.ts';

const SESSION = { session_id: 'r1', score: 1 } as unknown as NonNullable<store.Checkpoint['session']>;

const CHECKPOINT = {
  checkpoint: 1,
  sessionId: 'r1',
  studentId: 1,
  gameType: 'cyber_runner',
  saved: {},
  elapsedMs: 5_000,
  session: SESSION,
} as unknown as store.Checkpoint;

beforeEach(async () => {
  await store.closeStore();
  await store.keepCheckpoint({ ...CHECKPOINT, savedAt: Date.now() });
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await store.removeItems(['r1']);
  await store.closeStore();
});

/** Locks of which another page lets go while this one asks, after `meanwhile`. */
function locks(meanwhile: () => Promise<unknown>): void {
  const request = async (_name: string, _options: object, take: (lock: object) => Promise<void>) => {
    await meanwhile();
    await take({});
  };
  vi.stubGlobal('navigator', { locks: { request } });
}

it.each([1, 2, null])('a round that its page ended meanwhile is a session already (%s plays)', async (studentId) => {
  const whole = { ...SESSION, score: 900 };
  locks(() => store.putSession(1, whole));
  expect(await settleRounds(studentId)).toBeNull();
  if (studentId === null) await store.putSession(1, whole); // it did not even ask
  expect((await store.allItems()).map((item) => item.session.score)).toEqual([900]);
  expect(await store.checkpoints()).toEqual([]);
});

it('a round whose page is gone goes on, or is handed in where another child plays', async () => {
  locks(() => Promise.resolve());
  expect((await settleRounds(1))?.sessionId).toBe('r1');
});
