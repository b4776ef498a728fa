/** One request of the sync route, and what its answer means for what was sent. */

import type { Receipt, SyncAnswer, SyncRequest, WireSession } from '../contract/wire.ts';

export const SYNC_PATH = '/api/v1/gameplay/sync';
export const MOST_SESSIONS = 50;
export const MOST_BYTES = 900 * 1024;
const TIMEOUT_MS = 20_000;

export type Outcome =
  /** The server answered for each session. */
  | { kind: 'receipts'; receipts: Receipt[] }
  /** Nobody of ours answered, or asked us to wait: keep everything. */
  | { kind: 'keep'; retryAfterMs: number | null }
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
    return { kind: 'keep', retryAfterMs: null };
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
  const keep: Outcome = { kind: 'keep', retryAfterMs: retryAfterMs(response) };
  const type = response.headers.get('content-type') ?? '';
  if (!/^application\/(problem\+)?json\b/i.test(type)) return keep;
  const body: unknown = await response.json();
  if (response.status === 202) {
    return isSyncAnswer(body) ? { kind: 'receipts', receipts: body.receipts } : keep;
  }
  // A problem document of ours has a code; a portal's JSON does not, whatever its status.
  const problem = body as { code?: unknown; detail?: unknown } | null;
  if (typeof problem?.code !== 'string') return keep;
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
    default:
      return keep;
  }
}

function isSyncAnswer(body: unknown): body is SyncAnswer {
  const receipts = (body as { receipts?: unknown } | null)?.receipts;
  return (
    Array.isArray(receipts) &&
    receipts.every((receipt: unknown) => typeof (receipt as Receipt | null)?.status === 'string')
  );
}

function retryAfterMs(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}

/** As many of the first sessions as one request may carry; at least one. */
export function batchOf<T extends { session: WireSession }>(items: readonly T[]): T[] {
  const batch: T[] = [];
  let bytes = 0;
  for (const item of items) {
    bytes += new TextEncoder().encode(JSON.stringify(item.session)).length + 1;
    if (batch.length > 0 && (batch.length === MOST_SESSIONS || bytes > MOST_BYTES)) break;
    batch.push(item);
  }
  return batch;
}
