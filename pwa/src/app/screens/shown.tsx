/** For tests: render a screen with a given state, and act as a child does. */

import { act as actWhile } from 'preact/test-utils';
import type { ReactNode } from 'react';
import { createRoot, type Root } from 'react-dom/client';

import { firstWords, type Key } from '../../i18n/index.ts';
import { write } from '../../i18n/text.ts';
import { wordsOf } from '../../i18n/words.ts';
import { FIRST_SETTINGS, type KnownStudent, type OutboxItem } from '../../outbox/store.ts';
import { appState, setState, type AppState } from '../state.ts';

await firstWords();

const AT_FIRST = appState();
const DAY_MS = 24 * 60 * 60 * 1000;
let root: Root | undefined;

/** Do something; resolves when what follows from it has been rendered. */
export async function act(something: () => unknown): Promise<void> {
  await actWhile(async () => void (await something()));
}

/** Render a screen in place of the last one. `state` changes the initial state. */
export async function show(screen: ReactNode, state: Partial<AppState> = {}): Promise<void> {
  await act(async () => root?.unmount());
  document.body.innerHTML = '<main></main>';
  setState({ ...AT_FIRST, online: true, ...state });
  const shown = createRoot(document.querySelector('main')!);
  root = shown;
  await act(async () => shown.render(screen));
  // The drawings that come after the first screen.
  await act(async () => void (await import('../../ui/art/later.ts')));
}

/** A text of the page, in the tests' language. */
export function words(key: Key, values: Record<string, string | number> = {}): string {
  return write('en', wordsOf('en')[key], values);
}

export function text(): string {
  return document.body.textContent;
}

export function find<T extends HTMLElement = HTMLElement>(selector: string): T | null {
  return document.querySelector<T>(selector);
}

export function byId<T extends HTMLElement = HTMLElement>(id: string): T | null {
  return find<T>(`[data-testid="${id}"]`);
}

export function all(selector: string): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(selector)];
}

/** Click; resolves when the immediate effects have been rendered. */
export async function press(element: HTMLElement | null): Promise<void> {
  if (!element) throw new Error('there is nothing to press');
  await act(async () => element.click());
}

export function aStudent(change: Partial<KnownStudent> = {}): KnownStudent {
  return {
    ...{ id: 7, nickname: 'Bright Fox', avatar: 'fox', token: 'np1_0_x', tokenId: 't', exportKey: 'k' },
    ...{ access: 'active', me: null, meAt: 0, settings: { ...FIRST_SETTINGS, calm: true } },
    ...change,
  };
}

/** An answer of GET /me. */
export function aMe(change: Partial<NonNullable<KnownStudent['me']>> = {}): NonNullable<KnownStudent['me']> {
  return {
    ...{ student: { id: 7, nickname: 'Bright Fox', avatar: 'fox' }, xp: 120, level: 2, xp_next_level: 200 },
    ...{ achievements: [], games: [], sessions: { processed: 1, pending: 0, held: 0 } },
    streak: { days: 0, today: false, last_day: null },
    ...change,
  };
}

/** An unsent game of two minutes. */
export function anItem(change: Partial<OutboxItem> = {}, endedAgoMs = 2 * DAY_MS): OutboxItem {
  const ended = Date.now() - endedAgoMs;
  const id = change.sessionId ?? `session-${ended}`;
  return {
    ...{ sessionId: id, studentId: 7, putAt: ended, parked: null },
    session: {
      ...{ session_id: id, game_type: 'cyber_runner', game_version: '1' },
      ...{ started_at: new Date(ended - 125_000).toISOString(), ended_at: new Date(ended).toISOString() },
      ...{ utc_offset_minutes: 0, score: 300, duration: 120, accuracy: 0.9, completed: true, metadata: {} },
    },
    ...change,
  };
}
