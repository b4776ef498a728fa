/** One request of the sync route, and what its answer means for what was sent. */

import type { Receipt, SyncAnswer, SyncRequest, WireSession } from '../contract/wire.ts';
import type { TroubleKind } from './store.ts';

export const SYNC_PATH = '/api/v1/gameplay/sync';
export const MOST_SESSIONS = 50;
export const MOST_BYTES = 900 * 1024;
/** What a request shrinks to, step by step, where the network is too slow for more. */
export const FEWEST_BYTES = 32 * 1024;
const TIMEOUT_MS = 20_000;
/** A longer request to wait is not believed: a proxy's mistake must not silence a tablet. */
const LONGEST_RETRY_AFTER_MS = 60 * 60_000;

export type Outcome =
  /** The server answered for each session. */
  | { kind: 'receipts'; receipts: Receipt[] }
  /** Nobody of ours answered, or asked us to wait: keep everything. */
  | { kind: 'keep'; why: TroubleKind; retryAfterMs: number | null; timedOut?: boolean }
  /** The whole batch failed in a way that one of its sessions may cause: keep it, try less. */
  | { kind: 'doubt'; why: TroubleKind }
  /** The token is not good any more: this student's items wait for a new sign-in. */
  | { kind: 'sign-in' }
  /** The student was erased: this tablet forgets them too. */
  | { kind: 'erased' }
  /** The batch as a whole was refused. */
  | { kind: 'refused'; code: string; message: string };

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Send one batch; never throws. */
export async function send(fetch: Fetch, token: string, request: SyncRequest): Promise<Outcome> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(SYNC_PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(request),
      // A school portal answers every request with a redirect to its login page.
      redirect: 'manual',
      cache: 'no-store',
      credentials: 'omit',
      signal: controller.signal,
    });
    return await read(response);
  } catch {
    return { kind: 'keep', why: 'away', retryAfterMs: null, timedOut: controller.signal.aborted };
  } finally {
    clearTimeout(timer);
  }
}

/** Tell the server that a token is done with; nothing depends on its answer. */
export async function endToken(fetch: Fetch, token: string): Promise<void> {
  try {
    await fetch('/api/v1/sign-out', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      redirect: 'manual',
      credentials: 'omit',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    // The token then ends when the card is reset; the child has left this tablet all the same.
  }
}

async function read(response: Response): Promise<Outcome> {
  const stranger: Outcome = DOUBTFUL.has(response.status)
    ? { kind: 'doubt', why: 'stranger' }
    : { kind: 'keep', why: strangersWhy(response), retryAfterMs: retryAfterMs(response) };
  const type = response.headers.get('content-type') ?? '';
  if (!/^application\/(problem\+)?json\b/i.test(type)) return stranger;
  const body: unknown = await response.json();
  if (response.status === 202) {
    return isSyncAnswer(body) ? { kind: 'receipts', receipts: body.receipts } : stranger;
  }
  // A problem document of ours has a code; a portal's JSON does not, whatever its status.
  const problem = body as { code?: unknown; detail?: unknown } | null;
  if (typeof problem?.code !== 'string') return stranger;
  switch (response.status) {
    case 401:
    case 403:
      return { kind: 'sign-in' };
    case 410:
      return { kind: 'erased' };
    case 400:
    case 413:
    case 422:
      return { kind: 'refused', code: problem.code, message: String(problem.detail ?? '') };
    case 500:
      return { kind: 'doubt', why: 'broken' };
    default:
      return {
        kind: 'keep',
        why: response.status >= 500 && response.status !== 503 ? 'broken' : 'busy',
        retryAfterMs: retryAfterMs(response),
      };
  }
}

/** Statuses by which a proxy, too, may mean one session of the batch: one that is too large, or
 * that its filter dislikes. */
const DOUBTFUL: ReadonlySet<number> = new Set([400, 413, 500]);

function strangersWhy({ status }: Response): TroubleKind {
  if (status >= 500) return 'broken';
  return status === 408 || status === 425 || status === 429 ? 'busy' : 'stranger';
}

function isSyncAnswer(body: unknown): body is SyncAnswer {
  const receipts = (body as { receipts?: unknown } | null)?.receipts;
  return (
    Array.isArray(receipts) &&
    receipts.every((receipt: unknown) => typeof (receipt as Receipt | null)?.status === 'string')
  );
}

/** What Retry-After asks for: seconds, or a date on the clock of the one who answered. */
function retryAfterMs(response: Response): number | null {
  const asked = response.headers.get('retry-after');
  if (asked === null) return null;
  const sent = Date.parse(response.headers.get('date') ?? '') || Date.now();
  const wait = /^\d+$/.test(asked.trim()) ? Number(asked) * 1000 : Date.parse(asked) - sent;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_RETRY_AFTER_MS) : null;
}

/** As many of the first sessions as one request may carry; at least one. */
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
