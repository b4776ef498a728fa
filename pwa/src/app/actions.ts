/** What children and adults do: sign in, finish a round, change settings, sign out. */

import type { FinishedRound } from '../games/types.ts';
import * as store from '../outbox/store.ts';
import { handIn, letGo, settleRounds } from '../session/checkpoint.ts';
import { sessionOf, type Recording } from '../session/record.ts';
import { readCard } from './card.ts';
import { litBy, withFinished } from './day/today.ts';
import { hasPlayed } from './install.ts';
import { go } from './navigation.ts';
import { askTheBrowser, readProgress, refresh, sendNow } from './sending.ts';
import * as server from './server.ts';
import { appState, current, setState, xpShown, type Card, type CardProblem } from './state.ts';

/** A game that takes longer to write is shown as unsaved until it is written. */
const SAVED_IN_MS = 2_500;

/** A disk that hangs must not keep the child from the next screen. */
function late(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), SAVED_IN_MS));
}

export type SignInResult = { kind: 'in' } | CardProblem;

/** Sign in with a card; on success, show the home screen. */
export async function enter(classCode: string, cardCode: string): Promise<SignInResult> {
  const deviceId = await store.deviceId();
  const answer = await server.signIn({ class_code: classCode, card_code: cardCode, device_id: deviceId });
  if (answer.kind !== 'ok') {
    const problem = answer.kind === 'refused' ? answer.problem : null;
    const code = problem?.code;
    if (code === 'wrong_card') return { kind: problem?.because === 'class_archived' ? 'class-ended' : 'wrong' };
    if (answer.kind === 'refused' && code === 'too_many_attempts') {
      return { kind: 'too-many', seconds: Math.max(1, answer.retryAfterS) };
    }
    return { kind: 'offline' };
  }
  const { token, token_id, export_key, student } = answer.value;
  const known = await store.student(student.id);
  await store.keepStudent({
    ...student,
    token,
    deviceId,
    tokenId: token_id,
    exportKey: export_key,
    access: 'active',
    me: known?.me ?? null,
    meAt: known?.meAt ?? 0,
    settings: known?.settings ?? store.FIRST_SETTINGS,
    ...(known?.diary && { diary: known.diary }),
  });
  await refresh();
  await choose(student.id);
  void sendNow();
  return { kind: 'in' };
}

/** Make this student the current one and show the home screen. */
export async function choose(studentId: number): Promise<void> {
  setState({ currentId: studentId });
  go({ name: 'home' });
  void rememberCurrent(studentId);
  void readProgress();
  await resumeRound(studentId);
}

/** Resume the student's interrupted round, if there is one, and hand in the others. */
async function resumeRound(studentId: number | null): Promise<void> {
  const resume = await settleRounds(studentId);
  await refresh();
  void sendNow();
  if (!resume) return;
  const { screen, currentId } = appState();
  if (screen.name === 'home' && currentId === resume.studentId) {
    go({ name: 'game', gameType: resume.gameType, round: performance.now(), resume });
  } else await handIn(resume);
}

/** Before a student is chosen: hand in rounds that are too old to resume. */
export function settleOldRounds(): Promise<void> {
  return resumeRound(null);
}

function rememberCurrent(studentId: number | null): Promise<void> {
  return store.remember('current', studentId === null ? '' : String(studentId));
}

export function leaveToWho(): void {
  setState({ currentId: null });
  void rememberCurrent(null);
  go({ name: 'who' });
}

/** Read the card of a QR link and remove it from the address. Called before any network request. */
export function takeCardFromAddress(): Card | 'unreadable' | null {
  const match = /^#card=(.*)$/s.exec(location.hash);
  if (!match) return null;
  history.replaceState(history.state, '', location.pathname + location.search);
  try {
    return readCard(decodeURIComponent(match[1] ?? '')) ?? 'unreadable';
  } catch {
    return 'unreadable'; // Its escapes are cut off.
  }
}

/** Save a finished round and show its result. Waits for the disk at most SAVED_IN_MS. */
export async function finish(recording: Recording, round: FinishedRound): Promise<void> {
  const student = current(appState());
  if (!student) {
    // The child was erased during the round: discard it and let somebody else play.
    await store.dropCheckpoint(recording.sessionId);
    letGo(recording.sessionId);
    leaveToWho();
    return;
  }
  const session = sessionOf(recording, round);
  const xpBefore = xpShown(appState(), student);
  const saved = await Promise.race([store.putSession(student.id, session), late()]);
  letGo(recording.sessionId);
  hasPlayed();
  const kept = store.changeStudent(student.id, (known) => ({
    ...withFinished(known, session),
    settings: {
      ...known.settings,
      difficulty: { ...known.settings.difficulty, [recording.gameType]: round.nextDifficulty },
    },
  }));
  const { screen, currentId } = appState();
  // The child may have gone on meanwhile, or another one may be here.
  if (screen.name === 'game' && currentId === student.id) {
    setState({
      screen: {
        name: 'result',
        result: {
          gameType: recording.gameType,
          session,
          round,
          xpBefore,
          badgesBefore: (student.me?.achievements ?? []).map(({ id }) => id),
          lit: litBy(student, session),
          saved,
        },
      },
    });
  }
  await kept;
  await refresh();
  // Register the sync before the first try: the page may be closed in the middle of it.
  void askTheBrowser();
  void sendNow();
}

/** Leave a round that is not worth keeping. Its checkpoint goes first: home may reload at once for
 * an update, and the page would resume a round that the child had left. */
export async function abandon({ sessionId }: Recording): Promise<void> {
  await Promise.race([store.dropCheckpoint(sessionId), late()]);
  letGo(sessionId);
  if (appState().screen.name === 'game') go({ name: 'home' });
}

/** Follow the storage: show which games are unsaved, and when they are saved after all. */
export function watchStorage(): void {
  store.onStorage(() => {
    const { away, unsaved } = store.storageState();
    const before = appState();
    if (before.storageAway === away && before.unsaved === unsaved) return;
    setState({ storageAway: away, unsaved });
    const { screen } = before;
    if (screen.name === 'result' && !screen.result.saved && unsaved === 0) {
      // With the storage away, it was sent to the school from memory.
      setState({ screen: { ...screen, result: { ...screen.result, saved: true, sent: away } } });
    }
    // The storage is back: it may hold children and games that are not shown yet.
    if (before.storageAway && !away) void refresh();
    if (unsaved < before.unsaved) void askTheBrowser();
  });
}

export async function changeSettings(change: Partial<store.StudentSettings>): Promise<void> {
  const student = current(appState());
  if (!student) return;
  await store.changeStudent(student.id, (known) => ({
    ...known,
    settings: { ...known.settings, ...change },
  }));
  await refresh();
}

/** Sign out. Unsent games stay and are sent while the token is valid; then the child is
 * forgotten. */
export async function signOut(): Promise<void> {
  const student = current(appState());
  if (!student) return;
  const left = await settleRounds(student.id);
  if (left) await handIn(left);
  await sendNow();
  await store.changeStudent(student.id, (known) => ({ ...known, access: 'signed-out' }));
  leaveToWho();
  // Sends what is left, revokes the token and forgets the child, now or when there is a network.
  await sendNow();
  await refresh();
}

/** Whether instructions are spoken to a child, where there is a voice: sound has to be on too. */
export function speaks({ sound, voice }: store.StudentSettings): boolean {
  return sound && voice !== false;
}

/** The child has seen or skipped the tutorial of a game. */
export async function sawTutorial(gameType: string): Promise<void> {
  const student = current(appState());
  if (!student) return;
  const seen = student.settings.tutorials ?? [];
  if (!seen.includes(gameType)) await changeSettings({ tutorials: [...seen, gameType] });
}

/** The next round of the game begins with its tutorial again. */
export async function showAgain(gameType: string): Promise<void> {
  const seen = current(appState())?.settings.tutorials ?? [];
  await changeSettings({ tutorials: seen.filter((one) => one !== gameType) });
}
