/** What the screens show: one object, replaced as a whole, read with `useApp`. */

import { useSyncExternalStore } from 'react';

import type { WireSession } from '../contract/wire.ts';
import type { FinishedRound } from '../games/types.ts';
import type { Checkpoint, KnownStudent, OutboxItem, Trouble } from '../outbox/store.ts';
import { xpOf } from './progress.ts';

export interface Card {
  classCode: string;
  cardCode: string;
}

/** Why a card did not open the door. */
export type CardProblem =
  | { kind: 'wrong' }
  | { kind: 'offline' }
  | { kind: 'too-many'; seconds: number };

export type Screen =
  | { name: 'loading' }
  | { name: 'who' }
  | { name: 'card'; scanned?: Card; problem?: CardProblem }
  | { name: 'home' }
  | { name: 'before'; gameType: string }
  /** `resume` is a round to go on with. */
  | { name: 'game'; gameType: string; round: number; resume?: Checkpoint }
  | { name: 'result'; result: Result }
  | { name: 'badges' }
  | { name: 'board' }
  | { name: 'adults' };

export interface Result {
  gameType: string;
  session: WireSession;
  round: FinishedRound;
  /** Progress as it was known when the round ended, to count up from. */
  xpBefore: number;
  /** Badges that the child had then. */
  badgesBefore: readonly string[];
  /** False where the tablet's disk is full: then it is kept in memory and tried again. */
  saved: boolean;
  /** It went from the memory to the school: this tablet never kept it. */
  sent?: boolean;
}

export interface AppState {
  screen: Screen;
  students: KnownStudent[];
  /** Unsent and parked sessions of all students. */
  items: OutboxItem[];
  /** Why the last try left them here. */
  troubles: Trouble[];
  /** How many finished sessions are in memory alone: the disk does not take them. */
  unsaved: number;
  /** The tablet's storage does not answer: games are kept in memory, and sent from there. */
  storageAway: boolean;
  /** Delivered sessions that the last answer of /me did not count yet. */
  uncounted: OutboxItem[];
  currentId: number | null;
  online: boolean;
  /** The server did not answer when asked for progress: what shows is the last answer. */
  progressIsOld: boolean;
  updateReady: boolean;
  /** How the app can be installed: the browser asks when told to, or a person does it by hand. */
  installBy: 'browser' | 'hand' | null;
  /** A game was finished on this tablet, now or ever. */
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

/** The child who plays; undefined before anybody was chosen. */
export function current({ students, currentId }: AppState): KnownStudent | undefined {
  return students.find((student) => student.id === currentId);
}

/** A child's sessions that the last answer of /me did not count: unsent ones, and delivered ones
 * that the worker has yet to take. */
export function uncountedOf({ items, uncounted }: AppState, student: KnownStudent): OutboxItem[] {
  return [...items, ...uncounted].filter((item) => !item.parked && item.studentId === student.id);
}

/** XP as a child sees it: what the server counted, and what it will count by the same rules. */
export function xpShown(app: AppState, student: KnownStudent): number {
  const extra = uncountedOf(app, student).reduce((sum, item) => sum + xpOf(item.session), 0);
  return (student.me?.xp ?? 0) + extra;
}
