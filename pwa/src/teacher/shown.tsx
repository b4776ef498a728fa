/** For tests: the page in front of a small school, whose answers a test sets. */

import { act as actWhile } from 'preact/test-utils';
import { createRoot, type Root } from 'react-dom/client';

import { write } from '../i18n/text.ts';
import { Page } from './Page.tsx';
import { readSelf } from './server.ts';
import { leave } from './session.ts';
import type { ChildFigures, ChildView, ClassFigures, ClassView, HeldGame, Self } from './shapes.ts';
import en, { type Key } from './words/en.ts';
import { loadWords, setLanguage } from './words/index.ts';

export interface Asked {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}

type Reply = { status?: number; body?: unknown; headers?: Record<string, string>; type?: string } | 'away';

/** By 'METHOD /path'. */
export const school: { answers: Record<string, Reply | ((asked: Asked) => Reply)>; asked: Asked[] } = { answers: {}, asked: [] };

globalThis.fetch = async (input, init) => {
  const path = String(input).replace('/api/v1/adult', '');
  const asked: Asked = {
    method: init?.method ?? 'GET',
    path,
    headers: init?.headers as Record<string, string>,
    body: init?.body ? JSON.parse(String(init.body)) : undefined,
  };
  school.asked.push(asked);
  const found = school.answers[`${asked.method} ${path}`];
  const reply = typeof found === 'function' ? found(asked) : (found ?? { status: 404, body: { code: 'not_found', detail: '' } });
  if (reply === 'away') throw new TypeError('no network');
  const { status = 200, body, headers = {}, type = 'application/json' } = reply;
  const content = status === 204 || status === 304 ? null : typeof body === 'string' ? body : JSON.stringify(body);
  return new Response(content, { status, headers: { 'Content-Type': type, ...headers } });
};

export const SIGNED_OUT: Reply = { status: 401, body: { code: 'unauthorized', detail: 'Sign in.' } };

let root: Root | undefined;

export async function act(something: () => unknown): Promise<void> {
  await actWhile(async () => void (await something()));
}

/** Open the page there, with these answers; `self` is signed in unless they say otherwise. */
export async function open(address: string, answers: typeof school.answers): Promise<void> {
  await act(async () => root?.unmount());
  leave();
  setLanguage('en');
  await loadWords();
  school.asked = [];
  school.answers = { 'GET /self': { body: aSelf() }, ...answers };
  history.replaceState(null, '', address);
  document.body.innerHTML = '<div id="root"></div>';
  await readSelf();
  root = createRoot(document.getElementById('root')!);
  await act(async () => root!.render(<Page />));
  await settled();
}

/** Until what was asked for is shown. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await act(() => new Promise((resolve) => setTimeout(resolve)));
}

export const words = (key: Key, values: Record<string, string | number> = {}): string => write('en', en[key], values);
export const text = (): string => document.querySelector('main')!.textContent;
export const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)];
export const columnOf = (head: string): string[] => all(`td[data-head="${head}"]`).map((cell) => cell.textContent);

export function button(name: string, inside: ParentNode = document): HTMLElement {
  const found = [...inside.querySelectorAll<HTMLElement>('button, summary')].find((one) => one.textContent.trim().startsWith(name));
  if (!found) throw new Error(`no button ${name}`);
  return found;
}

export async function press(element: HTMLElement): Promise<void> {
  await act(async () => element.click());
  await settled();
}

export async function type(label: string, value: string): Promise<void> {
  const found = all('label').find((one) => one.textContent.startsWith(label));
  const input = document.getElementById(found?.getAttribute('for') ?? '') as HTMLInputElement | null;
  if (!input) throw new Error(`no field ${label}`);
  await act(async () => {
    input.value = value;
    input.dispatchEvent(new Event(input.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
  });
}

export async function send(label: string): Promise<void> {
  const form = document.querySelector<HTMLFormElement>(`form[aria-label="${label}"]`);
  if (!form) throw new Error(`no form ${label}`);
  await act(async () => form.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })));
  await settled();
}

/** And half a minute, so that a slow machine does not make it one less. */
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000 - 30_000).toISOString();

export const aSelf = (): Self => ({
  adult: { id: 1, name: 'Maria', role: 'teacher' },
  csrf: 'c1',
  classes: [
    { id: 3, name: '3A', code: 'ABCDE12345', students: 3 },
    { id: 4, name: '4B', code: 'FGHJK12345', students: 1 },
  ],
  passkeys: [],
  passkeys_at: '',
});

export const aClassFigures = (change: Partial<ClassFigures> = {}): ClassFigures => ({
  ...aSelf().classes[0]!,
  ...{ played_today: 1, played_week: 2, minutes_today: 12, minutes_week: 40, games_week: 9 },
  ...{ last_heard: minutesAgo(5), unsent_games: 4, unsent_tablets: 2, held: 1, counting: 0, made_up: false },
  ...change,
});

export const aChild = (change: Partial<ChildFigures> = {}): ChildFigures => ({
  ...{ id: 7, nickname: 'Bright Fox', avatar: 'fox', level: 2, xp: 120, last_heard: minutesAgo(5), last_played: minutesAgo(9) },
  ...{ unsent: 0, minutes_today: 0, minutes_week: 10, days_week: 1, games_week: 3, held: 0, counting: 0 },
  ...change,
});

export const aClass = (change: Partial<ClassView> = {}): ClassView => ({
  at: new Date().toISOString(),
  class: {
    ...{ id: 3, name: '3A', code: 'ABCDE12345', archived: false, made_up: false, leaderboard_enabled: true, day_minutes: 30 },
    ...{ trace_days: null, raw_days: 90, keep_months: null, created_at: minutesAgo(9000) },
  },
  students: [aChild()],
  games: [],
  ...change,
});

export const aChildView = (change: Partial<ChildView> = {}): ChildView => ({
  at: new Date().toISOString(),
  class: { id: 3, name: '3A', made_up: false },
  student: { ...aChild(), streak: 2, card_version: 3 },
  days: [],
  games: [],
  ...change,
});

export const aHeldGame = (change: Partial<HeldGame> = {}): HeldGame => ({
  ...{ id: 5, student: aChild(), game_type: 'cyber_runner', ended_at: minutesAgo(60), received_at: minutesAgo(50) },
  ...{ score: 900, duration_s: 120, accuracy: 0.9, difficulty: 2, reasons: ['overlapping_play'] },
  ...change,
});
