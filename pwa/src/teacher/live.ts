/** Figures that follow the server: read again every half minute, less often while nobody looks. */

import { useCallback, useEffect, useRef, useState } from 'react';

import { known, read, type Refusal } from './server.ts';

const EVERY_MS = 30_000;
const HIDDEN_MS = 5 * 60_000;
const AFTER_FAILURE_MS = { first: 5_000, most: 5 * 60_000 };

interface Wait {
  failures: number;
  hidden: boolean;
  /** From 0 to 1: a school's pages do not all ask at once, least of all when the server is back. */
  chance: number;
  /** For how long the server asked not to be asked. */
  askedMs?: number | undefined;
}

/** How long until the next look. */
export function waitMs({ failures, hidden, chance, askedMs = 0 }: Wait): number {
  if (failures === 0) return (hidden ? HIDDEN_MS : EVERY_MS) * (0.9 + 0.2 * chance);
  const wait = Math.min(AFTER_FAILURE_MS.first * 2 ** (failures - 1), AFTER_FAILURE_MS.most);
  return Math.max(Math.max(wait, hidden ? HIDDEN_MS : 0) * (0.5 + chance), askedMs * (1 + chance / 2));
}

export interface Live<T> {
  /** The last figures, also if the server does not answer any more. */
  value: T | undefined;
  /** When the server said so last, in ms. */
  at: number | undefined;
  refusal: Refusal | undefined;
  /** Read again now. */
  again(): void;
}

export function useLive<T>(path: string): Live<T> {
  const [shown, setShown] = useState<{ path: string; refusal?: Refusal | undefined; looks: number }>({ path, looks: 0 });
  const look = useRef(() => {});
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    let failures = 0;
    let asking = false;
    const ask = async () => {
      clearTimeout(timer);
      if (asking) return;
      asking = true;
      const answer = await read<T>(path);
      asking = false;
      if (over || answer.kind === 'out') return;
      failures = answer.kind === 'away' ? failures + 1 : 0;
      const askedMs = answer.kind === 'away' ? answer.waitMs : 0;
      const refusal = answer.kind === 'refused' ? answer : undefined;
      setShown(({ looks }) => ({ path, refusal, looks: looks + 1 }));
      const { hidden } = document;
      timer = setTimeout(() => void ask(), waitMs({ failures, hidden, chance: Math.random(), askedMs }));
    };
    const seen = () => {
      if (!document.hidden) void ask();
    };
    look.current = () => void ask();
    void ask();
    document.addEventListener('visibilitychange', seen);
    addEventListener('online', seen);
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
      removeEventListener('online', seen);
    };
  }, [path]);
  const again = useCallback(() => look.current(), []);
  const last = known<T>(path);
  return { value: last?.value, at: last?.at, refusal: shown.path === path ? shown.refusal : undefined, again };
}

/** The present, told again twice a minute, so that "5 minutes ago" does not stay. */
export function useNow(now: () => number): number {
  const [, setTicks] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTicks((ticks) => ticks + 1), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return now();
}
