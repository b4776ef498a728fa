/** Checkpoints let a round outlive its page. Every five seconds, and whenever the page is
 * hidden, the state to resume it is written to the tablet. A page that starts looks for rounds
 * that no page plays any more. The current student's latest is resumed; any other is handed in
 * as not completed, for the student who played it. A round has one session id from its start,
 * so it never counts twice. */

import { uuidv4 } from 'uuidv7';

import type { RunningGame } from '../games/types.ts';
import * as store from '../outbox/store.ts';
import { sessionOf, type Recording } from './record.ts';

const EVERY_MS = 5_000;
/** An older round is handed in, not resumed. */
const RESUMED_WITHIN_MS = 60 * 60_000;
const LOCK_ANSWERS_IN_MS = 1_000;
/** Without Web Locks: a page that has been silent for this long no longer plays. */
const PLAYS_WITHIN_MS = 12_000;

/** Identifies this page among those of the tablet. */
const PAGE = uuidv4();

/** Write checkpoints of a round until the returned function is called. `onLost` is called if
 * another page has resumed it, which can happen only without Web Locks. */
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
      // A page that is left gives up its claim, so that the same page, reopened, need not wait.
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

/** Rounds that this page plays or has taken over, each with a function that releases its lock. */
const held = new Map<string, () => void>();

/** Claim the round for this page; false if another page plays it. */
export function hold(sessionId: string): Promise<boolean> {
  if (held.has(sessionId)) return Promise.resolve(true);
  return new Promise((resolve) => {
    // Without locks, or if they are stuck, the claims in the store decide.
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

/** Take over rounds that no page plays any more. The student's latest is returned, to be
 * resumed, if it is recent; all others are handed in. With null, only old ones are: somebody
 * may come back. */
export async function settleRounds(studentId: number | null): Promise<store.Checkpoint | null> {
  const now = Date.now();
  const found = (await store.checkpoints()).sort((a, b) => b.savedAt - a.savedAt);
  let goesOn: store.Checkpoint | null = null;
  for (const one of found) {
    if (held.has(one.sessionId)) continue;
    const isRecent = Math.abs(now - one.savedAt) < RESUMED_WITHIN_MS;
    if (studentId === null && isRecent) continue;
    if (!(await hold(one.sessionId))) continue;
    // Its page may have ended it meanwhile: then it is a session already.
    if (!(await store.checkpoints()).some(({ sessionId }) => sessionId === one.sessionId)) {
      letGo(one.sessionId);
      continue;
    }
    if (!goesOn && isRecent && one.studentId === studentId) goesOn = one;
    else await handIn(one);
  }
  return goesOn;
}

/** Hand in a round that is not resumed: what was played counts as not completed. */
export async function handIn({ sessionId, studentId, session }: store.Checkpoint): Promise<void> {
  if (session) await store.putSession(studentId, session);
  else await store.dropCheckpoint(sessionId);
  letGo(sessionId);
}
