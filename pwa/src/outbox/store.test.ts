import 'fake-indexeddb/auto';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { WireSession } from '../contract/wire.ts';
import { drain } from './drain.ts';
import * as store from './store.ts';

const session = (id: string) => ({ session_id: id, ended_at: '2026-11-20T14:03:00.000Z' }) as WireSession;

const FIRST = { epoch: 'first', answeredAt: 1, safeBefore: null };

const child = (id: number): store.KnownStudent => ({
  id,
  nickname: `n${id}`,
  avatar: 'fox',
  token: `token-${id}`,
  tokenId: `t${id}`,
  exportKey: '',
  access: 'active',
  me: null,
  meAt: 0,
  settings: store.FIRST_SETTINGS,
});

const realOpen = IDBFactory.prototype.open;
const realTransaction = IDBDatabase.prototype.transaction;

function heal(): void {
  IDBFactory.prototype.open = realOpen;
  IDBDatabase.prototype.transaction = realTransaction;
}

/** The open connections fail from now on, with this error name; new ones work. */
function loseConnections(name: string): void {
  const dead = new WeakSet<IDBDatabase>();
  let fresh = false;
  IDBFactory.prototype.open = function (...given: Parameters<IDBFactory['open']>) {
    fresh = true;
    return realOpen.apply(this, given);
  };
  IDBDatabase.prototype.transaction = function (...given: Parameters<IDBDatabase['transaction']>) {
    if (!fresh) dead.add(this);
    if (dead.has(this)) throw new DOMException('Connection to Indexed Database server lost', name);
    return realTransaction.apply(this, given);
  };
}

const failToOpen = () => {
  IDBFactory.prototype.open = () => {
    throw new DOMException('no', 'SecurityError');
  };
  IDBDatabase.prototype.transaction = () => {
    throw new DOMException('no', 'InvalidStateError');
  };
};

/** `open()` and all transactions hang. */
const hang = () => {
  const silent = { addEventListener: () => undefined, removeEventListener: () => undefined };
  IDBFactory.prototype.open = () => silent as unknown as IDBOpenDBRequest;
};

beforeEach(async () => {
  await store.closeStore();
  await new Promise<void>((resolve, reject) => {
    const gone = indexedDB.deleteDatabase(store.DATABASE);
    gone.onsuccess = () => resolve();
    gone.onerror = () => reject(new Error('not deleted'));
  });
});
afterEach(async () => {
  vi.useRealTimers();
  heal();
  await store.closeStore();
});

const { setImmediate } = globalThis as unknown as { setImmediate(done: (value?: unknown) => void): void };

/** Advance the timers, slowly enough for the storage to respond. */
async function pass(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 250) {
    await vi.advanceTimersByTimeAsync(250);
    for (let tick = 0; tick < 20; tick += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a connection that is lost', () => {
  it.each(['UnknownError', 'TransactionInactiveError', 'InvalidStateError', 'AbortError', 'NotFoundError', 'DataError', 'x'])(
    'by %s is opened again, for every read and write',
    async (name) => {
      await store.keepStudent(child(1));
      const uses: (() => Promise<unknown>)[] = [
        () => store.putSession(1, session('a')),
        () => store.allItems(),
        () => store.itemsOf(1),
        () => store.parkItem('a', 'x', 'y'),
        () => store.changeStudent(1, (known) => ({ ...known, meAt: 7 })),
        () => store.setTrouble(1, 'away'),
        () => store.remember('k', 'v'),
        () => store.remembered('k'),
        () => store.deviceId(),
        () => store.students(),
        () => store.troubles(),
        () => store.putSession(1, session('kept')),
        async () => store.acknowledgeItems((await store.itemsOf(1)).filter(({ sessionId }) => sessionId === 'kept'), FIRST),
        () => store.keptItems(),
        async () => store.acknowledgeKept(await store.keptItems(), { ...FIRST, epoch: 'second' }),
        async () => store.putBack(await store.keptItems()),
        async () => store.acknowledgeItems((await store.itemsOf(1)).filter(({ sessionId }) => sessionId === 'kept'), FIRST),
      ];
      for (const use of uses) {
        loseConnections(name);
        await use();
        expect(store.storageState()).toEqual({ away: false, unsaved: 0 });
        heal();
      }
      // All of it is on the disk: another page sees it.
      await store.closeStore();
      expect((await store.allItems()).map(({ sessionId, parked }) => [sessionId, parked?.code])).toEqual([['a', 'x']]);
      expect((await store.keptItems()).map(({ sessionId, epoch }) => [sessionId, epoch])).toEqual([['kept', 'first']]);
      expect([(await store.student(1))?.meAt, await store.remembered('k')]).toEqual([7, 'v']);
      loseConnections(name);
      await store.forgetStudent(1, true);
      await store.closeStore();
      expect([await store.students(), await store.allItems(), await store.keptItems()]).toEqual([[], [], []]);
    },
  );
});

describe('a disk that takes nothing', () => {
  it('has the games held in memory, seen, sent, and written when it takes them', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    await store.keepStudent(child(1));
    await store.students();
    failToOpen();
    expect(await store.putSession(1, session('a'))).toBe(false);
    expect(await store.putSession(1, session('b'))).toBe(false);
    expect(store.storageState()).toEqual({ away: true, unsaved: 2 });
    expect((await store.itemsOf(1)).map(({ sessionId }) => sessionId)).toEqual(['a', 'b']);
    await drain(async () => {
      const receipts = [{ session_id: 'a', status: 'accepted' }];
      return new Response(JSON.stringify({ receipts }), { status: 202, headers: { 'content-type': 'application/json' } });
    }).catch(() => undefined);
    expect(store.storageState().unsaved).toBe(1);
    heal();
    await pass(6_000);
    vi.useRealTimers();
    await vi.waitFor(() => expect(store.storageState()).toEqual({ away: false, unsaved: 0 }));
    await store.closeStore();
    expect((await store.allItems()).map(({ sessionId }) => sessionId)).toEqual(['b']);
  });

  it.each([['that cannot be opened', failToOpen], ['that never answers', hang]])(
    'or one %s, lets a child sign in and play, and keeps both once it is back',
    async (_name, fault) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      fault();
      const begun = Promise.all([store.students(), store.allItems(), store.troubles()]);
      await pass(3_000);
      expect(await begun).toEqual([[], [], []]);
      expect(store.storageState().away).toBe(true);
      const device = await store.deviceId();
      expect(await store.deviceId()).toBe(device);
      expect(await store.keepStudent({ ...child(1), deviceId: device })).toBe(false);
      expect(await store.putSession(1, session('a'))).toBe(false);
      expect((await store.students()).map(({ id }) => id)).toEqual([1]);
      heal();
      await pass(6_000);
      vi.useRealTimers();
      await vi.waitFor(() => expect(store.storageState()).toEqual({ away: false, unsaved: 0 }));
      await store.closeStore();
      expect([(await store.students()).length, (await store.allItems()).length]).toEqual([1, 1]);
    },
  );

  it('for want of room is told, and a removal makes it', async () => {
    await store.putSession(1, session('old'));
    const realPut = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    try {
      expect(await store.putSession(1, session('new'))).toBe(false);
      await store.acknowledgeItems((await store.allItems()).filter(({ sessionId }) => sessionId === 'old'), null);
    } finally {
      IDBObjectStore.prototype.put = realPut;
    }
    expect(store.storageState().unsaved).toBe(1);
    await store.closeStore();
    expect(await store.allItems()).toEqual([]);
  });
});

describe('what is kept after its receipt', () => {
  const keep = async (id: string, by = FIRST) => {
    await store.putSession(1, session(id));
    await store.acknowledgeItems((await store.allItems()).filter(({ sessionId }) => sessionId === id), by);
  };
  const kept = async () => (await store.keptItems()).map(({ sessionId }) => sessionId).sort();
  const realPut = IDBObjectStore.prototype.put;
  afterEach(() => {
    IDBObjectStore.prototype.put = realPut;
  });
  const fill = () => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  };

  it('comes back as it was sent, from the disk', async () => {
    await keep('a');
    await keep('b');
    await store.closeStore();
    const items = (await store.keptItems()).filter(({ sessionId }) => sessionId === 'a');
    await store.putBack(items);
    await store.closeStore();
    const [back] = await store.allItems();
    expect([back!.session, back!.studentId, back!.againAt! > 0]).toEqual([session('a'), 1, true]);
    expect(await kept()).toEqual(['b']);
  });

  it('stays kept where the disk does not say what it was', async () => {
    await keep('a');
    const items = await store.keptItems();
    failToOpen();
    await store.putBack(items);
    heal();
    expect([await kept(), await store.allItems()]).toEqual([['a'], []]);
  });

  it('is not counted as unsaved, wherever it is', async () => {
    await store.putSession(1, session('a'));
    const items = await store.allItems();
    failToOpen();
    await store.acknowledgeItems(items, FIRST);
    expect(store.storageState().unsaved).toBe(0);
    heal();
  });

  it('makes room for a game that is not sent yet, the oldest first', async () => {
    for (const n of [1, 2, 3, 4]) await keep(`k${n}`, { ...FIRST, answeredAt: n });
    let tries = 0;
    IDBObjectStore.prototype.put = function (...given: Parameters<IDBObjectStore['put']>) {
      // Each try is made twice, on a new connection.
      if ((tries += 1) <= 2) throw new DOMException('full', 'QuotaExceededError');
      return realPut.apply(this, given);
    };
    expect(await store.putSession(1, session('new'))).toBe(true);
    expect(store.storageState()).toEqual({ away: false, unsaved: 0 });
    await store.closeStore();
    expect([await kept(), (await store.allItems()).map(({ sessionId }) => sessionId)]).toEqual([['k3', 'k4'], ['new']]);
  });

  it('goes as a whole if that is what it takes, and only then a game is unsaved', async () => {
    for (const n of [1, 2, 3]) await keep(`k${n}`, { ...FIRST, answeredAt: n });
    fill();
    expect(await store.putSession(1, session('new'))).toBe(false);
    expect([await kept(), store.storageState().unsaved]).toEqual([[], 1]);
  });

  it('is given up where there is no room for it, and its game leaves the outbox all the same', async () => {
    await store.putSession(1, session('a'));
    const items = await store.allItems();
    fill();
    await store.acknowledgeItems(items, FIRST);
    IDBObjectStore.prototype.put = realPut;
    expect(store.storageState()).toEqual({ away: false, unsaved: 0 });
    await store.closeStore();
    expect([await kept(), await store.allItems()]).toEqual([[], []]);
  });
});

it('a database of a later release, that was taken back, is used as it is', async () => {
  await store.keepStudent(child(1));
  await store.closeStore();
  await new Promise<void>((resolve) => {
    const opening = indexedDB.open(store.DATABASE, 9);
    opening.onupgradeneeded = () => opening.result.createObjectStore('later');
    opening.onsuccess = () => {
      opening.result.close();
      resolve();
    };
  });
  expect(await store.putSession(1, session('a'))).toBe(true);
  expect((await store.students()).map(({ id }) => id)).toEqual([1]);
});
