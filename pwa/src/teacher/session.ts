/** Who is signed in, and whether the server answers. Only in memory: a page that is loaded again asks the server. */

import { useSyncExternalStore } from 'react';

import type { Self } from './shapes.ts';

export type Session =
  | { kind: 'starting' }
  /** The server has not answered yet. */
  | { kind: 'unreachable' }
  /** `ended`: somebody was signed in until now. */
  | { kind: 'out'; ended: boolean }
  | { kind: 'in'; self: Self };

interface State {
  session: Session;
  /** Since when the server has not answered, in ms; null while it does. */
  silentSince: number | null;
}

let state: State = { session: { kind: 'starting' }, silentSince: null };
const listeners = new Set<() => void>();
const cleaners = new Set<() => void>();

export const sessionState = (): State => state;

function change(next: Partial<State>): void {
  state = { ...state, ...next };
  listeners.forEach((listener) => listener());
}

/** Called whenever somebody else may read next: forget what was read. */
export function onEnd(clean: () => void): void {
  cleaners.add(clean);
}

export function begin(self: Self): void {
  const before = state.session.kind === 'in' ? state.session.self.adult.id : null;
  if (before !== self.adult.id) cleaners.forEach((clean) => clean());
  change({ session: { kind: 'in', self } });
}

export function end(): void {
  const ended = state.session.kind === 'in';
  cleaners.forEach((clean) => clean());
  if (state.session.kind !== 'out') change({ session: { kind: 'out', ended } });
}

/** What the person chose to do is not something that happened to them. */
export function leave(): void {
  cleaners.forEach((clean) => clean());
  change({ session: { kind: 'out', ended: false } });
}

export function heard(): void {
  if (state.silentSince !== null) change({ silentSince: null });
}

export function notHeard(): void {
  if (state.session.kind === 'starting') change({ session: { kind: 'unreachable' } });
  if (state.silentSince === null) change({ silentSince: Date.now() });
}

export function useSession(): State {
  return useSyncExternalStore(subscribe, sessionState);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
