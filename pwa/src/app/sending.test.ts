// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';

import type { Me, WireSession } from '../contract/wire.ts';
import * as store from '../outbox/store.ts';
import { readProgress } from './sending.ts';
import * as server from './server.ts';
import { appState, setState, subscribe, xpShown } from './state.ts';

vi.mock(import('../outbox/store.ts'), async (real) => ({
  ...(await real()),
  allItems: vi.fn(),
  changeStudent: vi.fn(),
  students: vi.fn(),
  troubles: vi.fn(),
}));
vi.mock('./server.ts');

const SESSION = { session_id: 'a', score: 100, accuracy: 0.2, completed: false } as WireSession;
const SENT: store.OutboxItem = { sessionId: 'a', studentId: 7, session: SESSION, putAt: 0, parked: null };
const OF_ANOTHER: store.OutboxItem = { ...SENT, sessionId: 'b', studentId: 8 };

const me = (xp: number, pending: number) =>
  ({ xp, student: { nickname: 'Lia', avatar: 'owl' }, sessions: { pending } }) as unknown as Me;

let stopListening = () => undefined as unknown;
afterEach(() => void stopListening());

/** The points that child 7 sees one after the other while the server answers with `answer`. */
async function seenWhile(answer: Me): Promise<number[]> {
  let known = { id: 7, access: 'active', token: 't', me: me(500, 0) } as store.KnownStudent;
  vi.mocked(store.students).mockImplementation(() => Promise.resolve([known]));
  vi.mocked(store.allItems).mockResolvedValue([]);
  vi.mocked(store.troubles).mockResolvedValue([]);
  vi.mocked(store.changeStudent).mockImplementation((_, change) => {
    known = change(known);
    return Promise.resolve(known);
  });
  vi.mocked(server.readMe).mockResolvedValue({ kind: 'ok', value: answer });
  setState({ students: [known], currentId: 7, items: [], uncounted: [SENT, OF_ANOTHER] });
  const seen = new Set<number>();
  const look = () => seen.add(xpShown(appState(), appState().students[0] as store.KnownStudent));
  look();
  stopListening = subscribe(look);
  await readProgress();
  return [...seen];
}

test('the points stay as they are at the moment when the server has counted a game', async () => {
  expect(await seenWhile(me(600, 0))).toEqual([600]);
  expect(appState().uncounted).toEqual([OF_ANOTHER]);
});

test('they stay while no worker has counted it', async () => {
  expect(await seenWhile(me(500, 1))).toEqual([600]);
  expect(appState().uncounted).toEqual([SENT, OF_ANOTHER]);
});
