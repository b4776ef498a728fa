/** Sends one batch or offer, and interprets the answer. */

import { uuidv7 } from 'uuidv7';

import { ask, verdictOn, type Answer, type Fetch } from '../contract/answer.ts';
import { readLacking, readReceiptsFor, type Lacking, type Receipts } from '../contract/shapes.ts';
import type { OfferRequest, SyncRequest, WireSession } from '../contract/wire.ts';
import type { KnownStudent, TroubleKind } from './store.ts';

export type { Fetch };

const SYNC_PATH = '/api/v1/gameplay/sync';
const OFFER_PATH = '/api/v1/gameplay/offer';
export const MOST_SESSIONS = 50;
export const MOST_BYTES = 900 * 1024;
/** The size to which batches shrink, step by step, on a slow network. */
export const FEWEST_BYTES = 32 * 1024;
const TIMEOUT_MS = 20_000;

export type Outcome<T> =
  /** The server answered. */
  | { kind: 'value'; value: T }
  /** No answer of ours, or one that asks to wait: keep everything. `ofStudent`: only this
   * student waits. */
  | { kind: 'keep'; why: TroubleKind; retryAfterMs: number | null; timedOut?: boolean; ofStudent?: boolean }
  /** The batch failed in a way that one of its sessions may cause: keep it, try a smaller one. */
  | { kind: 'doubt'; why: TroubleKind }
  /** The token is no longer valid: this student's items wait for a new sign-in. */
  | { kind: 'sign-in' }
  /** The student was erased: this tablet forgets them too. */
  | { kind: 'erased' }
  /** The batch as a whole was refused. */
  | { kind: 'refused'; code: string; message: string };

type Sender = Pick<KnownStudent, 'id' | 'token'>;

const bearer = ({ token }: Sender) => ({ authorization: `Bearer ${token}` });

/** Send one batch of a student; never throws. */
export async function send(fetch: Fetch, student: Sender, request: SyncRequest): Promise<Outcome<Receipts>> {
  const sent = new Set(request.sessions.map(({ session_id }) => session_id));
  const wanted = { status: 202, read: readReceiptsFor(sent), timeoutMs: TIMEOUT_MS };
  return outcomeOf(await ask(fetch, SYNC_PATH, post(student, request), wanted), student);
}

/** Ask which sessions of a student the server lacks; never throws. */
export async function offer(fetch: Fetch, student: Sender, request: OfferRequest): Promise<Outcome<Lacking>> {
  const wanted = { status: 200, read: readLacking, timeoutMs: TIMEOUT_MS };
  return outcomeOf(await ask(fetch, OFFER_PATH, post(student, request), wanted), student);
}

function post(student: Sender, body: SyncRequest | OfferRequest): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(student) },
    body: JSON.stringify(body),
  };
}

/** Revoke the student's token; true if it is revoked, now or before. */
export async function endToken(fetch: Fetch, student: Sender): Promise<boolean> {
  const echo = uuidv7();
  const init = { method: 'POST', headers: { 'x-request-id': echo, ...bearer(student) } };
  const wanted = { status: 204, echo, read: () => true, timeoutMs: TIMEOUT_MS };
  const answer = await ask(fetch, '/api/v1/sign-out', init, wanted);
  if (answer.kind === 'problem') return verdictOn(answer.problem, student) !== null;
  return answer.kind === 'value';
}

function outcomeOf<T>(answer: Answer<T>, student: Sender): Outcome<T> {
  switch (answer.kind) {
    case 'value':
      return { kind: 'value', value: answer.value };
    case 'away':
      return { kind: 'keep', why: 'away', retryAfterMs: null, timedOut: answer.timedOut };
    case 'stranger':
      return DOUBTFUL.has(answer.status)
        ? { kind: 'doubt', why: 'stranger' }
        : { kind: 'keep', why: strangersWhy(answer.status), retryAfterMs: answer.retryAfterMs, timedOut: answer.timedOut };
    case 'problem':
  }
  const { problem, retryAfterMs } = answer;
  const verdict = verdictOn(problem, student);
  if (verdict) return { kind: verdict === 'erased' ? 'erased' : 'sign-in' };
  switch (problem.code) {
    case 'malformed_json':
    case 'bad_request':
    case 'body_too_large':
    case 'invalid_request':
    case 'too_many_sessions':
    case 'too_many_offered':
      return { kind: 'refused', code: problem.code, message: problem.detail };
    case 'internal':
      return { kind: 'doubt', why: 'broken' };
    case 'store_unavailable':
    case 'too_many_attempts':
      return { kind: 'keep', why: 'busy', retryAfterMs };
    case 'over_budget':
      return { kind: 'keep', why: 'busy', retryAfterMs, ofStudent: true };
    default:
      return { kind: 'keep', why: 'stranger', retryAfterMs };
  }
}

/** Statuses with which a proxy, too, may reject one session: too large, or disliked by a filter. */
const DOUBTFUL: ReadonlySet<number> = new Set([400, 403, 406, 413, 422, 500]);

function strangersWhy(status: number): TroubleKind {
  if (status === 408 || status === 425 || status === 429 || status === 503) return 'busy';
  return status >= 500 && status !== 511 ? 'broken' : 'stranger';
}

/** The first items that fit in one request; at least one. */
export function batchOf<T extends { session: WireSession }>(
  items: readonly T[],
  mostBytes: number = MOST_BYTES,
): T[] {
  const batch: T[] = [];
  let bytes = 0;
  for (const item of items) {
    bytes += new TextEncoder().encode(JSON.stringify(item.session)).length + 1;
    if (batch.length > 0 && (batch.length === MOST_SESSIONS || bytes > mostBytes)) break;
    batch.push(item);
  }
  return batch;
}
