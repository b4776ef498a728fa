import 'fake-indexeddb/auto';

import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';

import type { RunningGame } from '../games/types.ts';
import * as store from '../outbox/store.ts';
import { keepCheckpoints, letGo, settleRounds } from './checkpoint.ts';
import type { Recording } from './record.ts';

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
  letGo('r1');
  await store.acknowledgeItems(await store.allItems(), null);
  await store.closeStore();
});

/** Locks that another page releases after `meanwhile`, while this one asks. */
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

/** A second page of this tablet. */
async function anotherPage() {
  vi.resetModules();
  const found = await import('./checkpoint.ts');
  const its = await import('../outbox/store.ts');
  onTestFinished(() => its.closeStore());
  return found;
}

it('of two pages without Web Locks one goes on, and a page that left leaves it free', async () => {
  vi.stubGlobal('navigator', {});
  const other = await anotherPage();
  const found = await Promise.all([settleRounds(1), other.settleRounds(1)]);
  expect(found.filter((one) => one !== null)).toHaveLength(1);
  expect((await store.checkpoints()).map(({ sessionId }) => sessionId)).toEqual(['r1']);
  expect(await (await anotherPage()).settleRounds(1)).toBeNull();

  await store.keepCheckpoint({ ...CHECKPOINT, savedAt: Date.now() });
  expect((await (await anotherPage()).settleRounds(1))?.sessionId).toBe('r1');
});

it('a page without Web Locks that lost its round stops playing it', async () => {
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('window', new EventTarget());
  const seen = new EventTarget();
  vi.stubGlobal('document', seen);
  await store.claimRound('r1', 'another page', 0);
  const lost = new Promise<void>((resolve) => {
    const game = { save: () => ({ saved: { steps: 1 }, partial: null }) } as unknown as RunningGame;
    const stop = keepCheckpoints(1, { sessionId: 'r1' } as unknown as Recording, game, resolve);
    onTestFinished(stop);
  });
  seen.dispatchEvent(new Event('visibilitychange'));
  await lost;
  expect((await store.checkpoints()).map(({ player }) => player?.page)).toEqual(['another page']);
});

it('a round whose page is gone goes on, or is handed in where another child plays', async () => {
  locks(() => Promise.resolve());
  expect((await settleRounds(1))?.sessionId).toBe('r1');
});
