/** What children and adults do, beyond looking. */

import type { FinishedRound } from '../games/types.ts';
import * as store from '../outbox/store.ts';
import { handIn, letGo, settleRounds } from '../session/checkpoint.ts';
import { sessionOf, type Recording } from '../session/record.ts';
import { readCard } from './card.ts';
import { hasPlayed } from './install.ts';
import { go } from './navigation.ts';
import { askTheBrowser, readProgress, refresh, sendNow } from './sending.ts';
import * as server from './server.ts';
import { appState, current, setState, xpShown, type Card, type CardProblem } from './state.ts';

/** A game that takes longer to be written is said to be unsaved, until it is. */
const SAVED_IN_MS = 2_500;

export type SignInResult = { kind: 'in' } | CardProblem;

/** Sign in with a card; on success the child is at home. */
export async function enter(classCode: string, cardCode: string): Promise<SignInResult> {
  const deviceId = await store.deviceId();
  const answer = await server.signIn({ class_code: classCode, card_code: cardCode, device_id: deviceId });
  if (answer.kind !== 'ok') {
    const code = answer.kind === 'refused' ? answer.problem.code : null;
    if (code === 'wrong_card') return { kind: 'wrong' };
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
  });
  await refresh();
  await choose(student.id);
  void sendNow();
  return { kind: 'in' };
}

/** A child taps their animal. */
export async function choose(studentId: number): Promise<void> {
  setState({ currentId: studentId });
  go({ name: 'home' });
  void rememberCurrent(studentId);
  void readProgress();
  await goOn(studentId);
}

/** A round that a closed page left: the child goes on with it, and the rounds of others are handed in. */
async function goOn(studentId: number | null): Promise<void> {
  const resume = await settleRounds(studentId);
  await refresh();
  void sendNow();
  if (!resume) return;
  const { screen, currentId } = appState();
  if (screen.name === 'home' && currentId === resume.studentId) {
    go({ name: 'game', gameType: resume.gameType, round: performance.now(), resume });
  } else await handIn(resume);
}

/** Nobody was chosen yet: rounds that are long over are handed in. */
export function settleOldRounds(): Promise<void> {
  return goOn(null);
}

function rememberCurrent(studentId: number | null): Promise<void> {
  return store.remember('current', studentId === null ? '' : String(studentId));
}

export function leaveToWho(): void {
  setState({ currentId: null });
  void rememberCurrent(null);
  go({ name: 'who' });
}

/** The card of a QR link is taken out of the address before anything is asked of the network. */
export function takeCardFromAddress(): Card | 'unreadable' | null {
  const match = /^#card=(.*)$/s.exec(location.hash);
  if (!match) return null;
  history.replaceState(history.state, '', location.pathname + location.search);
  try {
    return readCard(decodeURIComponent(match[1] ?? '')) ?? 'unreadable';
  } catch {
    return 'unreadable'; // its escapes are cut off
  }
}

/** A round ended: it is on the disk before the result shows. */
export async function finish(recording: Recording, round: FinishedRound): Promise<void> {
  const student = current(appState());
  if (!student) {
    // The child was erased during the round: nobody has it, and somebody else may play.
    await store.dropCheckpoint(recording.sessionId);
    letGo(recording.sessionId);
    leaveToWho();
    return;
  }
  const session = sessionOf(recording, round);
  const xpBefore = xpShown(appState(), student);
  // A storage that hangs must not keep the child from the stars.
  const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), SAVED_IN_MS));
  const saved = await Promise.race([store.putSession(student.id, session), late]);
  letGo(recording.sessionId);
  hasPlayed();
  const harder = store.changeStudent(student.id, (known) => ({
    ...known,
    settings: {
      ...known.settings,
      difficulty: { ...known.settings.difficulty, [recording.gameType]: round.nextDifficulty },
    },
  }));
  setState({
    screen: {
      name: 'result',
      result: {
        gameType: recording.gameType,
        session,
        round,
        xpBefore,
        badgesBefore: (student.me?.achievements ?? []).map(({ id }) => id),
        saved,
      },
    },
  });
  await harder;
  await refresh();
  // Asked before the first try: the page may be closed in the middle of it.
  void askTheBrowser();
  void sendNow();
}

/** Follow the storage: what it did not take is told, and so is that it took it after all. */
export function watchStorage(): void {
  store.onStorage(() => {
    const { away, unsaved } = store.storageState();
    const before = appState();
    if (before.storageAway === away && before.unsaved === unsaved) return;
    setState({ storageAway: away, unsaved });
    const { screen } = before;
    if (screen.name === 'result' && !screen.result.saved && unsaved === 0) {
      // With the storage away it left the memory for the school.
      setState({ screen: { ...screen, result: { ...screen.result, saved: true, sent: away } } });
    }
    // It is back: there may be children and games on it that nobody saw.
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

/** Sign out. Unsent games stay, and are sent while the token is good; then the child is forgotten. */
export async function signOut(): Promise<void> {
  const student = current(appState());
  if (!student) return;
  const left = await settleRounds(student.id);
  if (left) await handIn(left);
  await sendNow();
  await store.changeStudent(student.id, (known) => ({ ...known, access: 'signed-out' }));
  leaveToWho();
  // Sends what is left, ends the token and forgets the child, now or when there is a network.
  await sendNow();
  await refresh();
}
