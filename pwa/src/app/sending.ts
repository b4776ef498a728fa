/** When the outbox is sent, and what is read again after it. */

import type { Me } from '../contract/wire.ts';
import { CHANNEL, drain, SYNC_TAG, type Asked, type DrainReport } from '../outbox/drain.ts';
import * as store from '../outbox/store.ts';
import { verdictOn } from '../contract/answer.ts';
import { readMe, type Answer } from './server.ts';
import { appState, current, setState } from './state.ts';

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 5 * 60_000;
/** After a delivery the worker needs a moment; then XP and badges are new. */
const PROGRESS_AFTER_MS = [400, 1_500, 6_000];

let hearsOfDeliveries = false;
let running: Promise<DrainReport | null> | null = null;
let askedAgain: Asked | null = null;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Read what the tablet holds into the state; `delivered` sessions change sides at the same time. */
export async function refresh(delivered: readonly store.OutboxItem[] = []): Promise<void> {
  const [students, items, troubles] = await Promise.all([
    store.students(),
    store.allItems(),
    store.troubles(),
  ]);
  const { uncounted } = appState();
  const known = new Set(uncounted.map((item) => item.sessionId));
  const fresh = delivered.filter((item) => !known.has(item.sessionId));
  setState({ students, items, troubles, uncounted: [...uncounted, ...fresh] });
}

/** Send what can be sent. Calls that come while one runs share one more run after it. */
export function sendNow(asked: Asked = 'by-itself'): Promise<DrainReport | null> {
  if (running) {
    if (asked === 'by-itself') {
      askedAgain ??= asked;
      return running;
    }
    askedAgain = asked;
    return running.then(() => running ?? sendNow(asked));
  }
  running = runDrain(asked).finally(() => {
    running = null;
    const again = askedAgain;
    askedAgain = null;
    if (again) void sendNow(again);
  });
  return running;
}

async function runDrain(asked: Asked): Promise<DrainReport | null> {
  clearTimeout(timer);
  let report: DrainReport | null = null;
  try {
    report = await drain((url, init) => fetch(url, init), asked);
  } catch {
    // IndexedDB failed; the timer below tries again.
  }
  failures = report && !report.again ? 0 : failures + 1;
  if (failures > 0) {
    const backOff = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
    const wait = Math.max(report?.retryAfterMs ?? 0, backOff * (0.5 + Math.random() / 2));
    timer = setTimeout(() => void sendNow(), wait);
    void askTheBrowser();
  }
  await refresh(report?.delivered);
  if (report && !hearsOfDeliveries) tellOf(report.delivered);
  return report;
}

/** What a drain delivered, in this page, another one or the service worker, is told to all. */
function watchDeliveries(): void {
  try {
    new BroadcastChannel(CHANNEL).addEventListener('message', (event: MessageEvent<store.OutboxItem[]>) => {
      void refresh(event.data);
      tellOf(event.data);
    });
    hearsOfDeliveries = true;
  } catch {
    // An old browser: this page knows its own drains, and sees the others' when it comes into sight.
  }
}

function tellOf(delivered: readonly store.OutboxItem[]): void {
  if (delivered.some((item) => item.studentId === appState().currentId)) void followProgress();
}

/** Have the service worker try when the network is back, even with no page open. */
export async function askTheBrowser(): Promise<void> {
  try {
    const registration = (await navigator.serviceWorker?.ready) as
      | (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } })
      | undefined;
    await registration?.sync?.register(SYNC_TAG);
  } catch {
    // Not every browser has it, and some refuse: the page's own triggers are enough.
  }
}

async function followProgress(): Promise<void> {
  for (const wait of PROGRESS_AFTER_MS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const me = await readProgress();
    if (!me || me.sessions.pending === 0) return;
  }
}

/** GET /me for the child who plays, kept for when there is no network. It is kept with the child and
 * not in a cache of the service worker: that goes by address, which is the same for all children. */
export async function readProgress() {
  const student = current(appState());
  if (!student || student.access !== 'active') return null;
  const sent = new Set(appState().uncounted);
  const answer = await readMe(student);
  setState({ progressIsOld: answer.kind !== 'ok' });
  try {
    await keepProgress(student, answer, sent);
    await refresh();
  } catch {
    // The disk is full: the next answer is kept when there is room.
  }
  return answer.kind === 'ok' ? answer.value : null;
}

async function keepProgress(
  student: store.KnownStudent,
  answer: Answer<Me>,
  sent: ReadonlySet<store.OutboxItem>,
): Promise<void> {
  const verdict = answer.kind === 'refused' ? verdictOn(answer.problem, student) : null;
  if (verdict === 'erased') {
    await store.forgetStudent(student.id, true);
    if (appState().currentId === student.id) setState({ currentId: null, screen: { name: 'who' } });
  } else if (verdict === 'show-the-card') {
    await store.changeStudent(student.id, (known) =>
      known.token === student.token ? { ...known, access: 'expired' } : known,
    );
  } else if (answer.kind === 'ok') {
    const me = answer.value;
    await store.changeStudent(student.id, (known) => ({
      ...known,
      nickname: me.student.nickname,
      avatar: me.student.avatar,
      me,
      meAt: Date.now(),
    }));
    if (me.sessions.pending === 0) {
      setState({
        uncounted: appState().uncounted.filter((item) => item.studentId !== student.id || !sent.has(item)),
      });
    }
  }
}

/** Every moment at which sending may succeed. */
export function watchForSending(): void {
  const wake = () => {
    failures = 0;
    setState({ online: navigator.onLine });
    void sendNow();
    void readProgress();
  };
  window.addEventListener('online', wake);
  window.addEventListener('offline', () => setState({ online: false }));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') wake();
  });
  window.addEventListener('beforeunload', (event) => {
    if (appState().unsaved > 0) event.preventDefault();
  });
  watchDeliveries();
  void sendNow();
}
