/** The page's API requests; the outbox sends its own. Every answer is one of a few kinds, so
 * that a screen can explain what happened. */

import * as answers from '../contract/answer.ts';
import { readBoardOf, readMeOf, readSignIn } from '../contract/shapes.ts';
import type { Leaderboard, Me, SignInAnswer, SignInRequest } from '../contract/wire.ts';
import type { KnownStudent } from '../outbox/store.ts';

export type Answer<T> =
  | { kind: 'ok'; value: T }
  /** Our server did not answer, or not with anything usable. */
  | { kind: 'away' }
  | { kind: 'refused'; problem: answers.Problem; retryAfterS: number };

const TIMEOUT_MS = 15_000;
/** The longest wait that a screen bears with: longer than our own server asks for when it has too much to do. */
const PATIENCE_MS = 12_000;

/** When the server may be asked again, by `performance`: until then no screen asks. */
let notBefore = 0;

async function ask<T>(
  path: string,
  init: RequestInit,
  read: (body: unknown) => T | null,
): Promise<Answer<T>> {
  const fetch: answers.Fetch = (url, given) => globalThis.fetch(url, given);
  const once = async () => {
    const left = notBefore - performance.now();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
    const found = await answers.ask(fetch, path, init, { status: 200, read, timeoutMs: TIMEOUT_MS });
    const asked = answers.waitOfBusy(found);
    if (asked !== null) notBefore = performance.now() + Math.min(answers.spread(asked), PATIENCE_MS);
    return found;
  };
  let answer = await once();
  // Once more by itself: a child who presses again and again would only be one of many who do.
  if ((answers.waitOfBusy(answer) ?? Infinity) <= PATIENCE_MS) answer = await once();
  if (answer.kind === 'value') return { kind: 'ok', value: answer.value };
  if (answer.kind !== 'problem' || answers.STATUS_OF_PROBLEM[answer.problem.code] >= 500) return { kind: 'away' };
  return { kind: 'refused', problem: answer.problem, retryAfterS: (answer.retryAfterMs ?? 0) / 1000 };
}

export function signIn(request: SignInRequest): Promise<Answer<SignInAnswer>> {
  const headers = { 'content-type': 'application/json' };
  return ask('/api/v1/sign-in', { method: 'POST', headers, body: JSON.stringify(request) }, readSignIn);
}

export function readMe(student: KnownStudent): Promise<Answer<Me>> {
  return ask('/api/v1/me', bearer(student), readMeOf(student));
}

export function readBoard(student: KnownStudent, gameType: string): Promise<Answer<Leaderboard>> {
  const path = `/api/v1/leaderboards/${encodeURIComponent(gameType)}`;
  return ask(path, bearer(student), readBoardOf(gameType));
}

function bearer({ token }: KnownStudent): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}` } };
}
