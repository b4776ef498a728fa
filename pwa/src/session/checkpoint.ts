/** A round outlives its page. Every five seconds, and whenever the page is hidden, what it takes to go
 * on is written to the tablet; a page that starts finds rounds that no page plays any more. Its own
 * child's latest goes on where it stopped; any other is handed in as not completed, under the child who
 * played it. A round has one session id from its start, so it is never counted twice. */

import { uuidv4 } from 'uuidv7';

import type { RunningGame } from '../games/types.ts';
import * as store from '../outbox/store.ts';
import { sessionOf, type Recording } from './record.ts';

const EVERY_MS = 5_000;
/** Who comes back later begins a new round: the old one is handed in. */
const GOES_ON_WITHIN_MS = 60 * 60_000;
const LOCK_ANSWERS_IN_MS = 1_000;
/** Without Web Locks: a page that said nothing for so long does not play any more. */
const PLAYS_WITHIN_MS = 12_000;

/** This page, among those of this tablet. */
const PAGE = uuidv4();

/** Write checkpoints of a round until the returned function is called; `onLost` where another page has
 * gone on with it, which only a browser without Web Locks lets happen. */
export function keepCheckpoints(
  studentId: number,
  recording: Recording,
  game: RunningGame,
  onLost: () => void,
): () => void {
  let written = -1;
  const write = (leaving: boolean) => {
    const now = game.save();
    if (!now || (now.saved.steps === written && !leaving)) return;
    written = now.saved.steps;
    void store.keepCheckpoint({
      checkpoint: 1,
      sessionId: recording.sessionId,
      studentId,
      gameType: recording.gameType,
      saved: now.saved,
      elapsedMs: performance.now() - recording.begun,
      savedAt: Date.now(),
      session: now.partial && sessionOf(recording, now.partial),
      // Who leaves says so: this page, opened again, need not wait.
      ...(!leaving && { player: { page: PAGE, at: Date.now() } }),
    });
  };
  const stop = new AbortController();
  const { signal } = stop;
  const keep = () => {
    if (hasLocks()) return write(false);
    void store.claimRound(recording.sessionId, PAGE, PLAYS_WITHIN_MS).then((plays) => {
      if (signal.aborted) return;
      if (plays) write(false);
      else onLost();
    });
  };
  const timer = setInterval(keep, EVERY_MS);
  window.addEventListener('pagehide', () => write(true), { signal });
  document.addEventListener('visibilitychange', keep, { signal });
  return () => {
    clearInterval(timer);
    stop.abort();
  };
}

function hasLocks(): boolean {
  return (navigator.locks as LockManager | undefined) !== undefined;
}

/** Rounds that this page plays or has taken over, each with what lets go of its lock. */
const held = new Map<string, () => void>();

/** Say to all pages of this tablet that this one plays the round; false where another one does. */
export function hold(sessionId: string): Promise<boolean> {
  if (held.has(sessionId)) return Promise.resolve(true);
  return new Promise((resolve) => {
    // A browser without locks, or whose locks are stuck: then what the pages wrote down counts.
    const take = () => {
      void store.claimRound(sessionId, PAGE, PLAYS_WITHIN_MS).then((plays) => {
        if (plays) held.set(sessionId, () => undefined);
        resolve(plays);
      });
    };
    if (!hasLocks()) return take();
    const timer = setTimeout(take, LOCK_ANSWERS_IN_MS);
    try {
      navigator.locks
        .request(`neuroplay-round ${sessionId}`, { ifAvailable: true }, (lock) => {
          clearTimeout(timer);
          if (!lock) {
            resolve(false);
            return undefined;
          }
          return new Promise<void>((release) => {
            held.set(sessionId, release);
            resolve(true);
          });
        })
        .catch(take);
    } catch {
      clearTimeout(timer);
      take();
    }
  });
}

export function letGo(sessionId: string): void {
  held.get(sessionId)?.();
  held.delete(sessionId);
}

/** Take over what no page plays any more. The latest of `studentId` is returned, to go on with, if it
 * is recent; all others are handed in. With null only old ones are: somebody may come back. */
export async function settleRounds(studentId: number | null): Promise<store.Checkpoint | null> {
  const now = Date.now();
  const found = (await store.checkpoints()).sort((a, b) => b.savedAt - a.savedAt);
  let goesOn: store.Checkpoint | null = null;
  for (const one of found) {
    if (held.has(one.sessionId)) continue;
    const isRecent = Math.abs(now - one.savedAt) < GOES_ON_WITHIN_MS;
    if (studentId === null && isRecent) continue;
    if (!(await hold(one.sessionId))) continue;
    // The page that played it may have ended it while we looked: then it is a session already.
    if (!(await store.checkpoints()).some(({ sessionId }) => sessionId === one.sessionId)) {
      letGo(one.sessionId);
      continue;
    }
    if (!goesOn && isRecent && one.studentId === studentId) goesOn = one;
    else await handIn(one);
  }
  return goesOn;
}

/** End a round that nobody goes on with: what was played of it counts as not completed. */
export async function handIn({ sessionId, studentId, session }: store.Checkpoint): Promise<void> {
  if (session) await store.putSession(studentId, session);
  else await store.dropCheckpoint(sessionId);
  letGo(sessionId);
}
