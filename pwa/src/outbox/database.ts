/** The tablet's IndexedDB: opened in bounded time, and reopened after a failure.
 *
 * A connection can fail in many ways (WebKit loses its server, a tab upgrades, the disk goes
 * away, a transaction never ends). All are treated alike: retry once on a new connection, then
 * leave it to the caller. */

import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb';

import type { WireSession } from '../contract/wire.ts';
import type { KeptItem } from './kept.ts';
import type { KnownStudent, OutboxItem, Trouble } from './store.ts';

interface Schema extends DBSchema {
  students: { key: number; value: KnownStudent };
  outbox: { key: string; value: OutboxItem; indexes: { byStudent: number } };
  device: { key: string; value: string };
  troubles: { key: number; value: Trouble };
  kept: { key: string; value: KeptItem };
  /** The sessions of `kept`, apart because they are many times larger. */
  keptSessions: { key: string; value: WireSession };
}

export type Name = 'students' | 'outbox' | 'device' | 'troubles' | 'kept' | 'keptSessions';
export type Database = IDBPDatabase<Schema>;
export type Transaction<N extends Name> = IDBPTransaction<Schema, N[], 'readwrite'>;

export const DATABASE = 'neuroplay';

const OPENS_IN_MS = 3_000;
const WORKS_IN_MS = 4_000;
/** After a timeout, opening fails at once for this long, so that nobody waits in vain again. */
const ASK_AGAIN_MS = 4_500;

/** One step per version, run in order from the tablet's version on. A released step is never
 * changed: tablets have run it. Later releases only add, so that an earlier one still works
 * after a rollback. */
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
  (database) => {
    database.createObjectStore('kept', { keyPath: 'sessionId' });
    database.createObjectStore('keptSessions', { keyPath: 'session_id' });
  },
];

let opened: Promise<Database> | null = null;
let notBefore = 0;

/** Run `work`; if it fails, once more on a new connection. Rejects in bounded time. */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  try {
    return await once(work);
  } catch (error) {
    if (error instanceof Silence) throw error;
    return once(work);
  }
}

async function once<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const database = await open();
  try {
    return await inTime(WORKS_IN_MS, work(database));
  } catch (error) {
    drop(database);
    throw error;
  }
}

/** Run `work` in a transaction, which is on the disk when this resolves. */
export function transact<N extends Name, T>(names: N[], work: (tx: Transaction<N>) => Promise<T>): Promise<T> {
  return withDatabase(async (database) => {
    const tx = database.transaction(names, 'readwrite', { durability: 'strict' });
    // A failed transaction rejects this promise too.
    tx.done.catch(() => undefined);
    const value = await work(tx);
    await tx.done;
    return value;
  });
}

/** Close the connection; the next use opens a new one, at once. */
export async function closeDatabase(): Promise<void> {
  const database = await opened?.catch(() => null);
  opened = null;
  notBefore = 0;
  database?.close();
}

function open(): Promise<Database> {
  if (opened) return opened;
  if (performance.now() < notBefore) return Promise.reject(new Silence());
  const opening = inTime(OPENS_IN_MS, openAny(), (late) => late.close());
  opened = opening;
  opening.catch(() => {
    if (opened === opening) opened = null;
  });
  return opening;
}

async function openAny(): Promise<Database> {
  const callbacks = {
    blocking(_current: number, _blocked: number | null, event: IDBVersionChangeEvent) {
      // Another tab has a newer app: close, and reopen when needed.
      (event.target as unknown as { close(): void }).close();
      opened = null;
    },
    terminated() {
      opened = null;
    },
  };
  try {
    return await openDB<Schema>(DATABASE, MIGRATIONS.length, {
      ...callbacks,
      upgrade(database, from) {
        for (const step of MIGRATIONS.slice(from)) step(database);
      },
    });
  } catch (error) {
    if ((error as { name?: string } | null)?.name !== 'VersionError') throw error;
    return openDB<Schema>(DATABASE, undefined, callbacks);
  }
}

function drop(database: Database): void {
  opened = null;
  try {
    database.close();
  } catch {
    // It was closed already.
  }
}

/** No answer in time. */
class Silence extends Error {}

/** The value of `work`, or a rejection after `milliseconds`; a later value goes to `tooLate`. */
function inTime<T>(milliseconds: number, work: Promise<T>, tooLate?: (value: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      notBefore = performance.now() + ASK_AGAIN_MS;
      reject(new Silence());
    }, milliseconds);
    work.then(
      (value) => {
        clearTimeout(timer);
        if (late) tooLate?.(value);
        else resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
