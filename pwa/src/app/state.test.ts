import { expect, it } from 'vitest';

import type { WireSession } from '../contract/wire.ts';
import type { KnownStudent, OutboxItem } from '../outbox/store.ts';
import { appState, xpShown } from './state.ts';

it('counts a game that a restored server lacks once, before and after that server’s next answer', () => {
  const session = { session_id: 'a', score: 100, accuracy: 0.2, completed: false } as WireSession;
  const waiting: OutboxItem = { sessionId: 'a', studentId: 1, session, putAt: 0, parked: null };
  const child = (xp: number, meAt: number) => ({ id: 1, me: { xp }, meAt }) as KnownStudent;
  const shown = (item: OutboxItem, known: KnownStudent) => xpShown({ ...appState(), items: [item] }, known);
  expect(shown(waiting, child(500, 10))).toBe(600);
  const again = { ...waiting, againAt: 20 };
  expect(shown(again, child(600, 10))).toBe(600);
  expect(shown(again, child(500, 30))).toBe(600);
});
