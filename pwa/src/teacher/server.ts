/** Requests to the server. Nothing of an answer reaches the browser's cache or its storage. */

import type { Card, Self } from './shapes.ts';
import { begin, end, heard, leave, notHeard, onEnd, sessionState } from './session.ts';
import { tellOtherTabs } from './tabs.ts';

const ROOT = '/api/v1/adult';
/** A proxy's mistake must not silence a page. */
const LONGEST_WAIT_S = 300;
const PATIENCE_MS = 20_000;

export interface Refusal {
  kind: 'refused';
  status: number;
  code: string;
  /** What the server says about it, in English. */
  detail: string;
  /** Seconds to wait, if the server said so. */
  wait: number | null;
}

/** `away`: no answer that helps: none at all, none of our server's, or (`answered`) that it cannot at the moment.
 * `out`: nobody is signed in any more. */
export type Answer<T> = { kind: 'ok'; value: T } | Refusal | Away | { kind: 'out' };
type Away = {
  kind: 'away';
  answered: boolean;
  /** For how long the server asked not to be asked. */
  waitMs?: number;
};

interface Read {
  etag: string;
  value: unknown;
  /** When the server said last that this is so, by this machine's clock. */
  at: number;
}

const reads = new Map<string, Read>();
let clockShift = 0;

/** Counts the changes of who is signed in. */
let changes = 0;

onEnd(() => {
  reads.clear();
  changes++;
});

/** The server's time, as far as its last answer told. */
export const serverNow = (): number => Date.now() + clockShift;

/** What was read last, while nobody else has signed in. */
export function known<T>(path: string): { value: T; at: number } | undefined {
  return reads.get(path) as { value: T; at: number } | undefined;
}

/** Of a child who is gone nothing stays in memory. */
export function forget(path: string): void {
  reads.delete(path);
}

/** GET. Sent with the ETag of what is known, so that most answers are empty. What was on its way to somebody who was signed in
 * before is not read. */
export async function read<T>(path: string): Promise<Answer<T>> {
  const before = reads.get(path);
  const asked = changes;
  const isForAnother = () => asked !== changes;
  const forAnother = () => (sessionState().session.kind === 'in' ? read<T>(path) : ({ kind: 'out' } as const));
  const response = await send(path, 'GET', undefined, before?.etag ? { 'If-None-Match': before.etag } : {});
  if (isForAnother()) return forAnother();
  if (!response) return away(false);
  if (response.status === 304 && before) {
    heard();
    reads.set(path, { ...before, at: Date.now() });
    return { kind: 'ok', value: before.value as T };
  }
  const answer = await understood<T>(response);
  if (answer.kind === 'away') notHeard();
  if (answer.kind === 'ok') {
    if (isForAnother()) return forAnother();
    reads.set(path, { etag: response.headers.get('ETag') ?? '', value: answer.value, at: Date.now() });
  }
  return answer;
}

/** A request that changes something. */
export async function tell<T = null>(path: string, body: object = {}, method = 'POST'): Promise<Answer<T>> {
  const answer = await told<T>(path, body, method);
  if (answer.kind !== 'refused' || answer.code !== 'csrf') return answer;
  // Signed in again in another tab: this one has the token of the session before.
  const before = sessionState().session;
  const self = await readSelf();
  const isSame = self.kind === 'ok' && before.kind === 'in' && before.self.adult.id === self.value.adult.id;
  return isSame ? told<T>(path, body, method) : answer;
}

async function told<T>(path: string, body: object, method: string): Promise<Answer<T>> {
  const { session } = sessionState();
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  if (session.kind === 'in') headers['X-CSRF-Token'] = session.self.csrf;
  const response = await send(path, method, JSON.stringify(body), headers);
  return response ? understood<T>(response) : away(false);
}

export interface NamedFile {
  name: string;
  content: Blob;
}

/** A file, to be saved by the browser under the name that the server gives it. */
export async function readFile(path: string): Promise<Answer<NamedFile>> {
  const response = await send(path, 'GET', undefined, {});
  if (!response) return away(false);
  if (!response.ok) return understood<NamedFile>(response);
  heard();
  const name = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('Content-Disposition') ?? '')?.[1];
  return { kind: 'ok', value: { name: decodeURIComponent(name ?? 'neuroplay'), content: await response.blob() } };
}

export async function readSelf(): Promise<Answer<Self>> {
  const answer = await read<Self>('/self');
  if (answer.kind === 'ok') begin(answer.value);
  return answer;
}

/** With a name or a link and a passphrase, or with a passkey. */
export async function enter(path: '/sign-in' | '/sign-in/passkey' | '/join' | '/passphrase', body: object): Promise<Answer<Self>> {
  const answer = await tell<Self>(path, body);
  if (answer.kind === 'ok') {
    begin(answer.value);
    tellOtherTabs();
  }
  return answer;
}

export async function signOut(): Promise<Answer<null>> {
  const answer = await tell('/sign-out');
  if (answer.kind === 'ok' || answer.kind === 'out') {
    leave();
    tellOtherTabs();
  }
  return answer;
}

/** Instead of the card that was seen: of two adults who do it at once, one is told. */
export const newCard = (studentId: number, seen: number): Promise<Answer<Card>> => tell<Card>(`/students/${studentId}/card`, { card_version: seen });

async function send(path: string, method: string, body: string | undefined, headers: Record<string, string>): Promise<Response | null> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), PATIENCE_MS);
  try {
    return await fetch(ROOT + path, { method, headers, body: body ?? null, cache: 'no-store', signal: limit.signal });
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

function away(answered: boolean, waitS = 0): Away {
  if (!answered) notHeard();
  return { kind: 'away', answered, ...(waitS > 0 && { waitMs: Math.min(waitS, LONGEST_WAIT_S) * 1000 }) };
}

async function understood<T>(response: Response): Promise<Answer<T>> {
  const type = response.headers.get('Content-Type') ?? '';
  if (response.status === 204) {
    heard();
    return { kind: 'ok', value: null as T };
  }
  // A proxy's or a filter's page is not an answer.
  const document = type.includes('json') ? await response.json().catch(() => undefined) : undefined;
  if (document === undefined || response.status >= 500) return away(typeof (document as { code?: unknown })?.code === 'string', waitOf(response));
  heard();
  if (response.ok) {
    const at = Date.parse((document as { at?: string }).at ?? '');
    if (at) clockShift = at - Date.now();
    return { kind: 'ok', value: document as T };
  }
  const { code = '', detail = '' } = document as { code?: string; detail?: string };
  if (response.status === 401 && code === 'unauthorized') {
    end();
    return { kind: 'out' };
  }
  const wait = waitOf(response) || null;
  return { kind: 'refused', status: response.status, code, detail, wait };
}

/** The seconds of Retry-After, 0 without. */
function waitOf(response: Response): number {
  return Number(response.headers.get('Retry-After')) || 0;
}
