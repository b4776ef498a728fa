/** What this tablet stores: its students, their unsent sessions, acknowledged ones that no backup of
 * the server covers yet, and a few values of its own.
 *
 * Shared by the page and the service worker: no DOM types here. A write that resolves to true
 * is on the disk. What the disk does not take, or not yet, is held in memory, included in every
 * read, sent like the rest, and written as soon as the disk takes it. So a tablet without
 * working storage can still be used. */

import { uuidv4 } from 'uuidv7';

import type { Diary } from '../contract/diary.ts';
import type { SavedRound } from '../contract/saved_round.ts';
import { payloadHash } from '../contract/payload_hash.ts';
import type { Acknowledgement } from '../contract/shapes.ts';
import type { Me, StudentCard, WireSession } from '../contract/wire.ts';
import { closeDatabase, transact, withDatabase, type Database, type Name } from './database.ts';
import { olderHalf, type KeptItem } from './kept.ts';

export type Access =
  /** The token is valid as far as we know. */
  | 'active'
  /** The server refused the token: the child has to show the card again. */
  | 'expired'
  /** The child signed out, and unsent games are left. */
  | 'signed-out';

export interface KnownStudent extends StudentCard {
  token: string;
  /** The device that the token was issued to; absent if an earlier release signed in. */
  deviceId?: string;
  tokenId: string;
  exportKey: string;
  access: Access;
  /** The last answer of GET /me, and when it came (ms since 1970). */
  me: Me | null;
  meAt: number;
  settings: StudentSettings;
  /** What this tablet remembers of the child's rounds; absent before the first one. */
  diary?: Diary;
}

export interface StudentSettings {
  sound: boolean;
  calm: boolean;
  bigText: boolean;
  /** Level that the game set for the next round, by game. */
  difficulty: Record<string, number>;
  /** The rest is absent in what earlier releases stored. */
  voice?: boolean;
  leftHanded?: boolean;
  oneSwitch?: boolean;
  /** Games whose tutorial the child has seen. */
  tutorials?: string[];
  /** The hat that the child wears; none if absent or empty. */
  hat?: string;
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
  /** Set if the server refused it; shown to adults. */
  parked: { code: string; message: string } | null;
  /** When it came back here after a receipt, because a restored server lacks it; ms since 1970 on
   * this device's clock. */
  againAt?: number;
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
  /** Something else answered, most likely a login page of the network. */
  | 'stranger'
  /** The server asked to wait. */
  | 'busy'
  /** The server failed. */
  | 'broken'
  /** The server refused the token: the card is needed again. */
  | 'card';

export { closeDatabase, DATABASE } from './database.ts';

type Key = number | string;

/** The known rows in memory, and the changes that are not on the disk yet ("owed"). */
class Mirror {
  readonly tables: Record<Name, Map<Key, unknown>> = {
    students: new Map(),
    outbox: new Map(),
    device: new Map(),
    troubles: new Map(),
    kept: new Map(),
    keptSessions: new Map(),
  };
  /** Changes that are not on the disk yet, by table and key. */
  readonly owed = new Map<string, { name: Name; key: Key }>();

  owes(name: Name, key: Key): boolean {
    return this.owed.has(`${name} ${key}`);
  }

  /** Take over the disk's rows among those that match; owed changes win. */
  learn(name: Name, found: ReadonlyMap<Key, unknown>, matches: (value: unknown) => boolean): void {
    const table = this.tables[name];
    for (const [key, value] of table) {
      if (matches(value) && !found.has(key) && !this.owes(name, key)) table.delete(key);
    }
    for (const [key, value] of found) if (!this.owes(name, key)) table.set(key, value);
  }

  set(name: Name, key: Key, value: unknown): void {
    if (value === undefined) this.tables[name].delete(key);
    else this.tables[name].set(key, value);
  }
}

let mirror = new Mirror();
let isAway = false;
let timer: ReturnType<typeof setTimeout> | undefined;
const WRITE_AGAIN_MS = 5_000;
const listeners = new Set<() => void>();

/** Listen for the storage becoming unavailable or available, and for late writes. */
export function onStorage(listener: () => void): void {
  listeners.add(listener);
}

export interface StorageState {
  /** The last read or write failed. */
  away: boolean;
  /** Number of finished games that are in memory only. */
  unsaved: number;
}

export function storageState(): StorageState {
  const unsaved = [...mirror.owed.values()].filter(
    ({ name, key }) => name === 'outbox' && mirror.tables.outbox.has(key),
  );
  return { away: isAway, unsaved: unsaved.length };
}

/** For tests: reset, as if the page were closed and reopened. */
export async function closeStore(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  mirror = new Mirror();
  isAway = false;
  await closeDatabase();
}

function setAway(away: boolean): void {
  isAway = away;
  // Retry what is owed, and look for a storage that is away.
  if ((away || mirror.owed.size > 0) && timer === undefined) {
    timer = setTimeout(() => {
      timer = undefined;
      void writeOwed();
    }, WRITE_AGAIN_MS);
  }
  listeners.forEach((listener) => listener());
}

async function read<T>(
  name: Name,
  ask: (database: Database) => Promise<ReadonlyMap<Key, unknown>>,
  matches: (value: T) => boolean = () => true,
): Promise<T[]> {
  try {
    mirror.learn(name, await withDatabase(ask), matches as (value: unknown) => boolean);
    if (isAway) setAway(false);
  } catch {
    if (!isAway) setAway(true);
  }
  return ([...mirror.tables[name].values()] as T[]).filter(matches);
}

type Change = [name: Name, key: Key, value: unknown];

/** Make the changes together; undefined removes the row. True once they are on the disk. */
async function write(changes: readonly Change[]): Promise<boolean> {
  for (const [name, key, value] of changes) {
    mirror.set(name, key, value);
    mirror.owed.set(`${name} ${key}`, { name, key });
  }
  const owed = changes.map(([name, key]) => mirror.owed.get(`${name} ${key}`)!);
  for (;;) {
    try {
      await settle(owed);
      if (isAway) setAway(false);
      return true;
    } catch (error) {
      if (isFull(error) && (await makeRoom())) continue;
      setAway(true);
      return false;
    }
  }
}

function isFull(error: unknown): boolean {
  return (error as { name?: string } | null)?.name === 'QuotaExceededError';
}

/** Give up the older half of the kept sessions; false if there are none. */
async function makeRoom(): Promise<boolean> {
  const old = olderHalf(await keptItems());
  const rows = old.flatMap(({ sessionId }) => KEPT.map((name) => ({ name, key: sessionId })));
  for (const { name, key } of rows) {
    mirror.set(name, key, undefined);
    mirror.owed.set(`${name} ${key}`, { name, key });
  }
  try {
    await settle(rows.map(({ name, key }) => mirror.owed.get(`${name} ${key}`)!));
  } catch {
    // Owed: they are gone for every read, and from the disk when it takes it.
  }
  return old.length > 0;
}

/** Write these changes to the disk in one transaction. */
async function settle(owed: readonly { name: Name; key: Key }[]): Promise<void> {
  const names = [...new Set(owed.map(({ name }) => name))];
  await transact(names, async (tx) => {
    for (const { name, key } of owed) {
      const value = mirror.tables[name].get(key);
      const table = tx.objectStore(name);
      if (value === undefined) await table.delete(key as never);
      else await table.put(value as never, table.keyPath === null ? (key as never) : undefined);
    }
  });
  for (const one of owed) {
    const id = `${one.name} ${one.key}`;
    // A later change of the same row stays owed.
    if (mirror.owed.get(id) !== one) continue;
    mirror.owed.delete(id);
    // Large and many: on the disk they are enough.
    if (one.name === 'keptSessions') mirror.tables.keptSessions.delete(one.key);
  }
}

/** Retry what the disk did not take; removals first, because they make room. */
async function writeOwed(): Promise<void> {
  const isPut = ({ name, key }: { name: Name; key: Key }) => Number(mirror.tables[name].has(key));
  const owed = [...mirror.owed.values()].sort((a, b) => isPut(a) - isPut(b));
  try {
    for (const one of owed) await settle([one]);
    if (owed.length === 0) await withDatabase((database) => database.count('device'));
    setAway(false);
  } catch {
    setAway(true);
  }
}

/** Change one row atomically. Nothing is written if `change` returns undefined. */
async function update<T>(
  name: Name,
  key: Key,
  change: (value: T | undefined) => T | undefined,
): Promise<T | undefined> {
  if (!mirror.owes(name, key)) {
    try {
      const changed = await transact([name], async (tx) => {
        const table = tx.objectStore(name);
        const next = change((await table.get(key as never)) as T | undefined);
        if (next !== undefined) await table.put(next as never, table.keyPath === null ? (key as never) : undefined);
        return next;
      });
      if (changed !== undefined) mirror.set(name, key, changed);
      return changed;
    } catch {
      // Fall back to memory.
    }
  }
  const changed = change(mirror.tables[name].get(key) as T | undefined);
  if (changed !== undefined) await write([[name, key, changed]]);
  return changed;
}

const keyed = <T>(values: readonly T[], keyOf: (value: T) => Key) =>
  new Map<Key, unknown>(values.map((value) => [keyOf(value), value]));
const byAge = (items: OutboxItem[]) => items.sort((a, b) => a.putAt - b.putAt);

/** Store a finished session; true once it is on the disk, false if it is in memory until then. */
export function putSession(studentId: number, session: WireSession): Promise<boolean> {
  const item: OutboxItem = { sessionId: session.session_id, studentId, session, putAt: Date.now(), parked: null };
  // Together, so that a round is either a session or a checkpoint.
  return write([
    ['outbox', item.sessionId, item],
    ['device', CHECKPOINT + item.sessionId, undefined],
  ]);
}

/** The saved state of a round in progress. */
export interface Checkpoint {
  /** Distinguishes checkpoints from other values in `device`. */
  checkpoint: 1;
  sessionId: string;
  studentId: number;
  gameType: string;
  saved: SavedRound;
  /** Since the start of the round, pauses included. */
  elapsedMs: number;
  /** Ms since 1970 on this device's clock. */
  savedAt: number;
  /** Handed in if the round is not resumed; null if too little was played. */
  session: WireSession | null;
  /** The page that plays it, and when it last claimed it: for browsers without Web Locks. */
  player?: { page: string; at: number };
}

/** Key prefix of checkpoints. */
const CHECKPOINT = 'round ';

export async function keepCheckpoint(checkpoint: Checkpoint): Promise<void> {
  await write([['device', CHECKPOINT + checkpoint.sessionId, JSON.stringify(checkpoint)]]);
}

/** Claim the round for `page` unless another page did within `patienceMs`; true if it may play.
 * Two pages that ask at once are served one after the other. */
export async function claimRound(sessionId: string, page: string, patienceMs: number): Promise<boolean> {
  let plays = true;
  await update<string>('device', CHECKPOINT + sessionId, (text) => {
    if (text === undefined) return undefined;
    const checkpoint = JSON.parse(text) as Checkpoint;
    const { player } = checkpoint;
    plays = !player || player.page === page || Math.abs(Date.now() - player.at) > patienceMs;
    return plays ? JSON.stringify({ ...checkpoint, player: { page, at: Date.now() } }) : text;
  });
  return plays;
}

export async function dropCheckpoint(sessionId: string): Promise<void> {
  await write([['device', CHECKPOINT + sessionId, undefined]]);
}

export async function checkpoints(): Promise<Checkpoint[]> {
  const ask = async (database: Database) => {
    const range = IDBKeyRange.bound(CHECKPOINT, `${CHECKPOINT}\uffff`);
    const [keys, texts] = await Promise.all([database.getAllKeys('device', range), database.getAll('device', range)]);
    return new Map<Key, unknown>(keys.map((key, index) => [key, texts[index]]));
  };
  const texts = await read<string>('device', ask, (text) => text.startsWith('{"checkpoint":1,'));
  return texts.map((text) => JSON.parse(text) as Checkpoint);
}

/** All stored sessions of one student, oldest first; parked ones too. */
export async function itemsOf(studentId: number): Promise<OutboxItem[]> {
  const ask = async (database: Database) =>
    keyed(await database.getAllFromIndex('outbox', 'byStudent', studentId), (item) => item.sessionId);
  return byAge(await read<OutboxItem>('outbox', ask, (item) => item.studentId === studentId));
}

export async function allItems(): Promise<OutboxItem[]> {
  const ask = async (database: Database) => keyed(await database.getAll('outbox'), (item) => item.sessionId);
  return byAge(await read<OutboxItem>('outbox', ask));
}

/** The server has these: remove them, or keep them in case that its database is restored. */
export async function acknowledgeItems(
  items: readonly OutboxItem[],
  acknowledgement: Acknowledgement | null,
): Promise<void> {
  const kept = acknowledgement ? items.flatMap((item) => keeping(item, acknowledgement)) : [];
  // Together, so that it is in one of the two whenever the tablet dies.
  if (items.length > 0) await write([...items.map(({ sessionId }): Change => ['outbox', sessionId, undefined]), ...kept]);
}

const KEPT = ['kept', 'keptSessions'] as const;

function keeping({ sessionId, studentId, session, putAt }: OutboxItem, by: Acknowledgement): Change[] {
  const kept: KeptItem = {
    sessionId,
    studentId,
    hash: payloadHash(session),
    bytes: JSON.stringify(session).length,
    putAt,
    since: by.answeredAt,
    epoch: by.epoch,
    answeredAt: by.answeredAt,
  };
  return [
    ['kept', sessionId, kept],
    ['keptSessions', sessionId, session],
  ];
}

/** What is known of the kept sessions; the sessions themselves are not read. */
export function keptItems(): Promise<KeptItem[]> {
  return read<KeptItem>('kept', async (database) => keyed(await database.getAll('kept'), ({ sessionId }) => sessionId));
}

/** The server has these kept sessions in its present epoch. */
export async function acknowledgeKept(items: readonly KeptItem[], by: Acknowledgement): Promise<void> {
  const changed = items.map((item) => ({ ...item, epoch: by.epoch, answeredAt: by.answeredAt }));
  if (changed.length > 0) await write(changed.map((item): Change => ['kept', item.sessionId, item]));
}

export async function dropKept(items: readonly KeptItem[]): Promise<void> {
  if (items.length > 0) await write(items.flatMap(({ sessionId }) => droppingKept(sessionId)));
}

const droppingKept = (sessionId: string) => KEPT.map((name): Change => [name, sessionId, undefined]);

/** The server lacks these kept sessions: back into the outbox. */
export async function putBack(items: readonly KeptItem[]): Promise<void> {
  const wanted = new Set(items.map(({ sessionId }) => sessionId));
  const ask = async (database: Database) => {
    const { store: table, done } = database.transaction('keptSessions');
    const found = await Promise.all([...wanted].map((id) => table.get(id)));
    await done;
    return keyed(
      found.filter((session) => session !== undefined),
      (session) => session.session_id,
    );
  };
  const sessions = await read<WireSession>('keptSessions', ask, ({ session_id }) => wanted.has(session_id));
  const byId = new Map(sessions.map((session) => [session.session_id, session]));
  const changes = items.flatMap(({ sessionId, studentId, putAt }): Change[] => {
    const session = byId.get(sessionId);
    if (!session) return []; // The disk did not say: a later offer brings it.
    const item: OutboxItem = { sessionId, studentId, session, putAt, parked: null, againAt: Date.now() };
    return [['outbox', sessionId, item], ...droppingKept(sessionId)];
  });
  if (changes.length > 0) await write(changes);
}

export async function parkItem(sessionId: string, code: string, message: string): Promise<void> {
  await update<OutboxItem>('outbox', sessionId, (item) => item && { ...item, parked: { code, message } });
}

export function students(): Promise<KnownStudent[]> {
  return read<KnownStudent>('students', async (database) => keyed(await database.getAll('students'), ({ id }) => id));
}

export async function student(id: number): Promise<KnownStudent | undefined> {
  return (await students()).find((one) => one.id === id);
}

/** Change a known student; does nothing for an unknown one. */
export function changeStudent(
  id: number,
  change: (known: KnownStudent) => KnownStudent,
): Promise<KnownStudent | undefined> {
  return update<KnownStudent>('students', id, (known) => known && change(known));
}

/** True once it is on the disk. */
export function keepStudent(known: KnownStudent): Promise<boolean> {
  return write([['students', known.id, known]]);
}

/** Remove a student; `withGames` also their games (the server said that they are erased). Without,
 * kept ones stay: should the child sign in here again, a restored server gets them. */
export async function forgetStudent(id: number, withGames: boolean): Promise<void> {
  const games = withGames ? await itemsOf(id) : [];
  const kept = withGames ? (await keptItems()).filter(({ studentId }) => studentId === id) : [];
  const rounds = withGames ? (await checkpoints()).filter(({ studentId }) => studentId === id) : [];
  await write([
    ['students', id, undefined],
    ['troubles', id, undefined],
    ...games.map(({ sessionId }): Change => ['outbox', sessionId, undefined]),
    ...kept.flatMap(({ sessionId }) => droppingKept(sessionId)),
    ...rounds.map(({ sessionId }): Change => ['device', CHECKPOINT + sessionId, undefined]),
  ]);
}

export function troubles(): Promise<Trouble[]> {
  return read<Trouble>('troubles', async (database) => keyed(await database.getAll('troubles'), (one) => one.studentId));
}

/** Store why a student's games were not sent; null once they were. */
export async function setTrouble(studentId: number, kind: TroubleKind | null): Promise<void> {
  await write([['troubles', studentId, kind ? { studentId, kind, at: Date.now() } : undefined]]);
}

/** This tablet's id, created by the first call. */
export async function deviceId(): Promise<string> {
  return (await update<string>('device', 'id', (id) => id ?? uuidv4()))!;
}

export async function remembered(name: string): Promise<string | undefined> {
  const ask = async (database: Database) => {
    const value = await database.get('device', name);
    return new Map<Key, unknown>(value === undefined ? [] : [[name, value]]);
  };
  // One value is read by itself; the known others stay as they are.
  await read<string>('device', ask, () => false);
  return mirror.tables.device.get(name) as string | undefined;
}

export async function remember(name: string, value: string): Promise<void> {
  await write([['device', name, value]]);
}
