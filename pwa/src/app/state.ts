/** The page's state: one object, replaced as a whole, read with `useApp`. */

import { useSyncExternalStore } from 'react';

import type { WireSession } from '../contract/wire.ts';
import type { FinishedRound } from '../games/types.ts';
import type { Checkpoint, KnownStudent, OutboxItem, Trouble } from '../outbox/store.ts';
import type { GoalId } from './day/lanterns.ts';
import { xpOf } from './progress.ts';

export interface Card {
  classCode: string;
  cardCode: string;
}

/** Why a sign-in failed. */
export type CardProblem =
  | { kind: 'wrong' }
  | { kind: 'class-ended' }
  | { kind: 'offline' }
  | { kind: 'too-many'; seconds: number };

export type Screen =
  | { name: 'loading' }
  | { name: 'who' }
  | { name: 'card'; scanned?: Card; problem?: CardProblem }
  | { name: 'home' }
  | { name: 'before'; gameType: string }
  /** `resume`: the interrupted round to continue. */
  | { name: 'game'; gameType: string; round: number; resume?: Checkpoint }
  | { name: 'result'; result: Result }
  /** After a round beyond the day's minutes. */
  | { name: 'sleepy'; gameType: string }
  | { name: 'wardrobe' }
  | { name: 'badges' }
  | { name: 'board' }
  | { name: 'adults' };

export interface Result {
  gameType: string;
  session: WireSession;
  round: FinishedRound;
  /** XP known when the round ended, to count up from. */
  xpBefore: number;
  /** Ids of the badges that the child had then. */
  badgesBefore: readonly string[];
  /** False if the disk did not take it: then it is in memory and tried again. */
  saved: boolean;
  /** Lanterns of the day that this round lit. */
  lit: readonly GoalId[];
  /** It was sent to the school from memory; this tablet never stored it. */
  sent?: boolean;
}

export interface AppState {
  screen: Screen;
  students: KnownStudent[];
  /** Unsent and parked sessions of all students. */
  items: OutboxItem[];
  /** Why the last try did not send them. */
  troubles: Trouble[];
  /** Number of finished sessions that are in memory only. */
  unsaved: number;
  /** The tablet's storage does not respond: games are kept in memory and sent from there. */
  storageAway: boolean;
  /** Delivered sessions that the last answer of GET /me did not count yet. */
  uncounted: OutboxItem[];
  currentId: number | null;
  online: boolean;
  /** The last request for progress failed: the screens show an older answer. */
  progressIsOld: boolean;
  updateReady: boolean;
  /** How the app can be installed: by the browser's own prompt, or by hand. */
  installBy: 'browser' | 'hand' | null;
  /** A game has been finished on this tablet, now or earlier. */
  hasPlayed: boolean;
}

let state: AppState = {
  screen: { name: 'loading' },
  students: [],
  items: [],
  troubles: [],
  unsaved: 0,
  storageAway: false,
  uncounted: [],
  currentId: null,
  online: navigator.onLine,
  progressIsOld: false,
  updateReady: false,
  installBy: null,
  hasPlayed: false,
};
const listeners = new Set<() => void>();

export function appState(): AppState {
  return state;
}

export function setState(change: Partial<AppState>): void {
  state = { ...state, ...change };
  listeners.forEach((listener) => listener());
}

export function useApp(): AppState {
  return useSyncExternalStore(subscribe, appState);
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The current student; undefined before one is chosen. */
export function current({ students, currentId }: AppState): KnownStudent | undefined {
  return students.find((student) => student.id === currentId);
}

/** A student's sessions that the last answer of GET /me did not count: unsent ones, and
 * delivered ones that no worker has processed yet. */
export function uncountedOf({ items, uncounted }: AppState, student: KnownStudent): OutboxItem[] {
  return [...items, ...uncounted].filter(
    (item) => !item.parked && item.studentId === student.id && !isInLastAnswer(item, student),
  );
}

/** The answer is older than the restore that took the session from the server: it has it still. */
function isInLastAnswer({ againAt }: OutboxItem, { meAt }: KnownStudent): boolean {
  return againAt !== undefined && meAt < againAt;
}

/** XP as shown: what the server counted, plus what it will count by the same rules. */
export function xpShown(app: AppState, student: KnownStudent): number {
  const extra = uncountedOf(app, student).reduce((sum, item) => sum + xpOf(item.session), 0);
  return (student.me?.xp ?? 0) + extra;
}
