/** The API as the page asks it (the outbox has its own way). Every answer is one of a few kinds, so
 * that a screen can say in words what happened. */

import type { Leaderboard, Me, Problem, SignInAnswer, SignInRequest } from '../contract/wire.ts';

export type Answer<T> =
  | { kind: 'ok'; value: T }
  /** Nobody of ours answered. */
  | { kind: 'away' }
  | { kind: 'refused'; status: number; code: string; retryAfterS: number };

const TIMEOUT_MS = 15_000;

async function ask<T>(path: string, init: RequestInit, isValue: (body: unknown) => boolean): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      redirect: 'manual',
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...init,
    });
    const body: unknown = response.status === 204 ? null : await response.json();
    if (response.ok) return isValue(body) ? { kind: 'ok', value: body as T } : { kind: 'away' };
    const code = (body as Problem | null)?.code;
    if (typeof code !== 'string' || response.status >= 500) return { kind: 'away' };
    const retryAfterS = Number(response.headers.get('retry-after') ?? 0) || 0;
    return { kind: 'refused', status: response.status, code, retryAfterS };
  } catch {
    return { kind: 'away' };
  }
}

const has = (name: string) => (body: unknown) =>
  typeof body === 'object' && body !== null && name in body;

export function signIn(request: SignInRequest): Promise<Answer<SignInAnswer>> {
  return ask(
    '/api/v1/sign-in',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    },
    has('token'),
  );
}

export function readMe(token: string): Promise<Answer<Me>> {
  return ask('/api/v1/me', bearer(token), has('xp'));
}

export function readBoard(token: string, gameType: string): Promise<Answer<Leaderboard>> {
  return ask(`/api/v1/leaderboards/${encodeURIComponent(gameType)}`, bearer(token), has('top'));
}

function bearer(token: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}` } };
}
