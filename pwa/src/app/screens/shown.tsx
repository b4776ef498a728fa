/** For tests: a screen as the page shows it, with what the page knows; and what a child does there. */

import { act, type ReactNode } from 'react';
import { createRoot, type Root } from 'react-dom/client';

import { firstWords, type Key } from '../../i18n/index.ts';
import { write } from '../../i18n/text.ts';
import { wordsOf } from '../../i18n/words.ts';
import { FIRST_SETTINGS, type KnownStudent, type OutboxItem } from '../../outbox/store.ts';
import { appState, setState, type AppState } from '../state.ts';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

await firstWords();

const AT_FIRST = appState();
const DAY_MS = 24 * 60 * 60 * 1000;
let root: Root | undefined;

/** Show it in place of what was shown before; what the page knows is `state`, else nothing. */
export async function show(screen: ReactNode, state: Partial<AppState> = {}): Promise<void> {
  await act(async () => root?.unmount());
  document.body.innerHTML = '<main></main>';
  setState({ ...AT_FIRST, online: true, ...state });
  const shown = createRoot(document.querySelector('main')!);
  root = shown;
  await act(async () => shown.render(screen));
}

/** The words of the page in the language of the tests. */
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

/** A tap; what comes of it at once has come when this resolves. */
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

/** What the server said of the child. */
export function aMe(change: Partial<NonNullable<KnownStudent['me']>> = {}): NonNullable<KnownStudent['me']> {
  return {
    ...{ student: { id: 7, nickname: 'Bright Fox', avatar: 'fox' }, xp: 120, level: 2, xp_next_level: 200 },
    ...{ achievements: [], games: [], sessions: { processed: 1, pending: 0, held: 0 } },
    streak: { days: 0, today: false, last_day: null },
    ...change,
  };
}

/** A finished game of two minutes that waits on the tablet. */
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
