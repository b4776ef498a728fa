/** Sends requests and decides which answers to trust. Between a tablet and its school, login
 * pages, filters and proxies may answer in our name, with any status, any JSON, a page, a
 * redirect, or a body that is cut off or never ends. Every request of the page and of the
 * service worker goes through here.
 *
 * Only two kinds of answer count: the requested value in its full shape, and a problem document
 * of ours (`application/problem+json`) with a known code and the status that belongs to it.
 * After anything else, keep the data and try again. */

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The problems that change what this tablet does, and the status of each (docs/api.md). */
export const STATUS_OF_PROBLEM = {
  malformed_json: 400,
  bad_request: 400,
  unauthorized: 401,
  token_revoked: 401,
  wrong_card: 401,
  device_mismatch: 403,
  leaderboard_off: 403,
  student_erased: 410,
  body_too_large: 413,
  too_many_offered: 413,
  invalid_request: 422,
  too_many_sessions: 422,
  too_many_attempts: 429,
  over_budget: 429,
  internal: 500,
  store_unavailable: 503,
} as const;

export type ProblemCode = keyof typeof STATUS_OF_PROBLEM;

export interface Problem {
  code: ProblemCode;
  /** An explanation for adults, as free text. */
  detail: string;
  /** For `student_erased`: the erased student. */
  studentId: number | null;
  /** A second code that says more, such as `class_archived` of a card whose class has ended. */
  because?: string;
}

export type Answer<T> =
  | { kind: 'value'; value: T }
  | { kind: 'problem'; problem: Problem; retryAfterMs: number | null }
  /** An answer that proves nothing. */
  | { kind: 'stranger'; status: number; retryAfterMs: number | null; timedOut?: boolean }
  /** No answer. `timedOut`: our limit passed, or the connection was cut after LONG_MS. */
  | { kind: 'away'; timedOut: boolean };

export interface Wanted<T> {
  /** The status of a good answer. */
  status: number;
  /** The value of a body with the full shape, else null. */
  read(body: unknown): T | null;
  /** For an answer without a body: it is trusted if it returns this X-Request-ID. */
  echo?: string;
  /** Limit for the whole answer, body included. */
  timeoutMs: number;
}

/** Limit for a body, far above any answer of ours. */
const MOST_BYTES = 1024 * 1024;
/** Cap on Retry-After: a proxy's mistake must not silence a tablet. */
const LONGEST_RETRY_AFTER_MS = 60 * 60_000;

/** After this time, a cut connection or an untrusted answer is taken for a timeout on a slow
 * network: our own server waits 10 s for a body. */
const LONG_MS = 5_000;
const REQUEST_TIMEOUT = 408;

/** Send a request and judge its answer. Never throws; ends in time whatever `fetch` does. */
export async function ask<T>(
  fetch: Fetch,
  path: string,
  init: RequestInit,
  wanted: Wanted<T>,
): Promise<Answer<T>> {
  const controller = new AbortController();
  const begun = performance.now();
  const wasLong = () => controller.signal.aborted || performance.now() - begun >= LONG_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort();
      reject(new Error('out of time'));
    }, wanted.timeoutMs);
  });
  const asked = async () => {
    const response = await fetch(path, {
      ...init,
      // A captive portal redirects every request to its login page.
      redirect: 'manual',
      cache: 'no-store',
      credentials: 'omit',
      signal: controller.signal,
    });
    return judge(response, wanted);
  };
  try {
    const answer = await Promise.race([asked(), late]);
    if (answer.kind === 'stranger' && (answer.status === REQUEST_TIMEOUT || wasLong())) answer.timedOut = true;
    return answer;
  } catch {
    return { kind: 'away', timedOut: wasLong() };
  } finally {
    clearTimeout(timer);
    // Stop a body that is too long.
    controller.abort();
  }
}

async function judge<T>(response: Response, wanted: Wanted<T>): Promise<Answer<T>> {
  const { status } = response;
  const wait = retryAfterMs(response);
  const stranger: Answer<T> = { kind: 'stranger', status, retryAfterMs: wait };
  if (wanted.echo !== undefined && status === wanted.status) {
    const value = response.headers.get('x-request-id') === wanted.echo ? wanted.read(null) : null;
    return value === null ? stranger : { kind: 'value', value };
  }
  const type = (response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
  const isValue = status === wanted.status && type === 'application/json';
  if (!isValue && type !== 'application/problem+json') return stranger;
  const body = await bodyOf(response);
  if (isValue) {
    const value = wanted.read(body);
    return value === null ? stranger : { kind: 'value', value };
  }
  const problem = problemOf(body, status);
  return problem ? { kind: 'problem', problem, retryAfterMs: wait } : stranger;
}

/** The JSON of a body; undefined if it is invalid or too long to be ours. Throws if it is cut
 * off. */
async function bodyOf(response: Response): Promise<unknown> {
  const reader = response.body?.getReader();
  if (!reader) return undefined;
  const decoder = new TextDecoder();
  let text = '';
  for (let bytes = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.length;
    if (bytes > MOST_BYTES) return undefined;
    text += decoder.decode(value, { stream: true });
  }
  try {
    return JSON.parse(text + decoder.decode());
  } catch {
    return undefined;
  }
}

function problemOf(body: unknown, status: number): Problem | null {
  if (!isRecord(body)) return null;
  const { code } = body;
  if (typeof code !== 'string') return null;
  if ((STATUS_OF_PROBLEM as Record<string, unknown>)[code] !== status) return null;
  // A document with another status was not made for this answer.
  if (body.status !== undefined && body.status !== status) return null;
  return {
    code: code as ProblemCode,
    detail: typeof body.detail === 'string' ? body.detail.slice(0, 500) : '',
    studentId: typeof body.student_id === 'number' ? body.student_id : null,
    ...(typeof body.because === 'string' && { because: body.because }),
  };
}

/** What a problem means for the student whose token was sent; null in most cases. */
export function verdictOn(
  { code, studentId }: Problem,
  shownFor: { id: number },
): 'show-the-card' | 'erased' | null {
  switch (code) {
    case 'unauthorized':
    case 'token_revoked':
    case 'device_mismatch':
      return 'show-the-card';
    case 'student_erased':
      // A copy of an answer about another child erases nobody.
      return studentId === shownFor.id ? 'erased' : null;
    default:
      return null;
  }
}

/** How long to wait before any request, in ms, if a server that has too much to do, or cannot reach its store, asked
 * for it; else null. */
export function waitOfBusy(answer: Answer<unknown>): number | null {
  if (answer.kind !== 'stranger' && answer.kind !== 'problem') return null;
  const status = answer.kind === 'stranger' ? answer.status : STATUS_OF_PROBLEM[answer.problem.code];
  return status === 503 ? answer.retryAfterMs : null;
}

/** A wait of up to half as long again, so that tablets that were told the same do not all come back at once. */
export function spread(milliseconds: number): number {
  return Math.min(milliseconds * (1 + Math.random() / 2), LONGEST_RETRY_AFTER_MS);
}

/** Retry-After in milliseconds, from seconds or from a date on the sender's clock; null if
 * absent. */
function retryAfterMs(response: Response): number | null {
  const asked = response.headers.get('retry-after');
  if (asked === null) return null;
  const sent = Date.parse(response.headers.get('date') ?? '') || Date.now();
  const wait = /^\d+$/.test(asked.trim()) ? Number(asked) * 1000 : Date.parse(asked) - sent;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_RETRY_AFTER_MS) : null;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
