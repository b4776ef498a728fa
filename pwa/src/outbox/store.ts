/** What this tablet keeps: its children, their unsent sessions, and a few words about itself.
 *
 * Shared by the page and the service worker: no DOM types here. Every write is durable when its
 * promise resolves (`durability: 'strict'`). */

import { openDB, type DBSchema, type IDBPDatabase } from 'idb';

import type { Me, StudentCard, WireSession } from '../contract/wire.ts';

export type Access =
  /** The token is good as far as we know. */
  | 'active'
  /** The server refused the token: the child has to show the card again. */
  | 'expired'
  /** The child signed out, and games are still here. */
  | 'signed-out';

export interface KnownStudent extends StudentCard {
  token: string;
  tokenId: string;
  exportKey: string;
  access: Access;
  /** The last answer of GET /me, and when it came (ms since 1970). */
  me: Me | null;
  meAt: number;
  settings: StudentSettings;
}

export interface StudentSettings {
  sound: boolean;
  calm: boolean;
  bigText: boolean;
  /** Difficulty that the staircase set for the next round, by game. */
  difficulty: Record<string, number>;
}

export const FIRST_SETTINGS: StudentSettings = {
  sound: true,
  calm: false,
  bigText: false,
  difficulty: {},
};

export interface OutboxItem {
  sessionId: string;
  studentId: number;
  session: WireSession;
  /** When it was put here, ms since 1970 on this device's clock. */
  putAt: number;
  /** Set where the server would not take it: an adult looks. */
  parked: { code: string; message: string } | null;
}

/** Why the last try did not send a student's games. */
export interface Trouble {
  studentId: number;
  kind: TroubleKind;
  /** When, ms since 1970 on this device's clock. */
  at: number;
}

export type TroubleKind =
  /** Nobody answered in time. */
  | 'away'
  /** Somebody else answered: a login page of the network, most likely. */
  | 'stranger'
  /** The server asked to wait. */
  | 'busy'
  /** The server failed. */
  | 'broken'
  /** The server wants to see the card again. */
  | 'card';

interface Schema extends DBSchema {
  students: { key: number; value: KnownStudent };
  outbox: { key: string; value: OutboxItem; indexes: { byStudent: number } };
  device: { key: string; value: string };
  troubles: { key: number; value: Trouble };
}

export const DATABASE = 'neuroplay';

export type Database = IDBPDatabase<Schema>;

/** One step a version, run in order from whichever the tablet has. A step that was released is
 * never changed: tablets that ran it are out there. */
const MIGRATIONS: readonly ((database: Database) => void)[] = [
  (database) => {
    database.createObjectStore('students', { keyPath: 'id' });
    const outbox = database.createObjectStore('outbox', { keyPath: 'sessionId' });
    outbox.createIndex('byStudent', 'studentId');
    database.createObjectStore('device');
  },
  (database) => {
    database.createObjectStore('troubles', { keyPath: 'studentId' });
  },
];

let opened: Promise<Database> | null = null;

function open(): Promise<Database> {
  opened ??= openDB<Schema>(DATABASE, MIGRATIONS.length, {
    upgrade(database, from) {
      for (const step of MIGRATIONS.slice(from)) step(database);
    },
    blocking(_current, _blocked, event) {
      // Another tab has a newer app: let go, and open again when we are needed.
      (event.target as unknown as { close(): void }).close();
      opened = null;
    },
    terminated() {
      opened = null;
    },
  });
  opened.catch(() => (opened = null));
  return opened;
}

/** Run `work`; once more with a new connection where the old one was lost meanwhile. */
async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  try {
    return await work(await open());
  } catch (error) {
    const name = (error as { name?: string } | null)?.name;
    if (name !== 'InvalidStateError' && name !== 'AbortError') throw error;
    opened = null;
    return work(await open());
  }
}

const STRICT = { durability: 'strict' } as const;

/** Keep a finished session. Resolves when it is on the disk. */
export async function putSession(studentId: number, session: WireSession): Promise<void> {
  await withDatabase(async (database) => {
    const tx = database.transaction('outbox', 'readwrite', STRICT);
    await tx.store.put({
      sessionId: session.session_id,
      studentId,
      session,
      putAt: Date.now(),
      parked: null,
    });
    await tx.done;
  });
}

/** All kept sessions of one student, oldest first; parked ones too. */
export function itemsOf(studentId: number): Promise<OutboxItem[]> {
  return withDatabase(async (database) => {
    const items = await database.getAllFromIndex('outbox', 'byStudent', studentId);
    return items.sort((a, b) => a.putAt - b.putAt);
  });
}

export async function allItems(): Promise<OutboxItem[]> {
  const items = await withDatabase((database) => database.getAll('outbox'));
  return items.sort((a, b) => a.putAt - b.putAt);
}

export async function removeItems(sessionIds: readonly string[]): Promise<void> {
  await withDatabase(async (database) => {
    const tx = database.transaction('outbox', 'readwrite', STRICT);
    await Promise.all([...sessionIds.map((id) => tx.store.delete(id)), tx.done]);
  });
}

export async function parkItem(sessionId: string, code: string, message: string): Promise<void> {
  await withDatabase(async (database) => {
    const tx = database.transaction('outbox', 'readwrite', STRICT);
    const item = await tx.store.get(sessionId);
    if (item) await tx.store.put({ ...item, parked: { code, message } });
    await tx.done;
  });
}

export function students(): Promise<KnownStudent[]> {
  return withDatabase((database) => database.getAll('students'));
}

export function student(id: number): Promise<KnownStudent | undefined> {
  return withDatabase((database) => database.get('students', id));
}

/** Change a known student; nothing where the tablet does not know them. */
export async function changeStudent(
  id: number,
  change: (known: KnownStudent) => KnownStudent,
): Promise<KnownStudent | undefined> {
  return withDatabase(async (database) => {
    const tx = database.transaction('students', 'readwrite', STRICT);
    const known = await tx.store.get(id);
    const changed = known && change(known);
    if (changed) await tx.store.put(changed);
    await tx.done;
    return changed;
  });
}

export async function keepStudent(known: KnownStudent): Promise<void> {
  await withDatabase(async (database) => {
    const tx = database.transaction('students', 'readwrite', STRICT);
    await tx.store.put(known);
    await tx.done;
  });
}

/** Remove a student; `withGames` also what is unsent (the server said that the child is erased). */
export async function forgetStudent(id: number, withGames: boolean): Promise<void> {
  await withDatabase(async (database) => {
    const tx = database.transaction(['students', 'outbox', 'troubles'], 'readwrite', STRICT);
    await tx.objectStore('students').delete(id);
    await tx.objectStore('troubles').delete(id);
    if (withGames) {
      const keys = await tx.objectStore('outbox').index('byStudent').getAllKeys(id);
      await Promise.all(keys.map((key) => tx.objectStore('outbox').delete(key)));
    }
    await tx.done;
  });
}

export function troubles(): Promise<Trouble[]> {
  return withDatabase((database) => database.getAll('troubles'));
}

/** Keep why a student's games were not sent; null where they were. */
export async function setTrouble(studentId: number, kind: TroubleKind | null): Promise<void> {
  await withDatabase(async (database) => {
    if (kind) await database.put('troubles', { studentId, kind, at: Date.now() });
    else await database.delete('troubles', studentId);
  });
}

/** This tablet's own id, made at the first call. */
export function deviceId(): Promise<string> {
  return withDatabase(async (database) => {
    const tx = database.transaction('device', 'readwrite', STRICT);
    let id = await tx.store.get('id');
    if (id === undefined) {
      id = crypto.randomUUID();
      await tx.store.put(id, 'id');
    }
    await tx.done;
    return id;
  });
}

export function remembered(name: string): Promise<string | undefined> {
  return withDatabase((database) => database.get('device', name));
}

export async function remember(name: string, value: string): Promise<void> {
  await withDatabase((database) => database.put('device', value, name));
}

/** For tests: close the connection, so that the next call opens a new one. */
export async function closeDatabase(): Promise<void> {
  const database = await opened;
  opened = null;
  database?.close();
}
