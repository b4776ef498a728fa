/** Decides when to send the outbox, and reads the progress afterwards. */

import type { Me } from '../contract/wire.ts';
import { CHANNEL, drain, SYNC_TAG, type Asked, type DrainReport } from '../outbox/drain.ts';
import * as store from '../outbox/store.ts';
import { verdictOn } from '../contract/answer.ts';
import { readMe, type Answer } from './server.ts';
import { appState, current, setState } from './state.ts';

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 5 * 60_000;
/** Pauses before reading the progress after a delivery: the worker needs a moment. */
const PROGRESS_AFTER_MS = [400, 1_500, 6_000];

let hearsOfDeliveries = false;
let running: Promise<DrainReport | null> | null = null;
let askedAgain: Asked | null = null;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Read the store into the state; at the same time `delivered` sessions move to `uncounted`, and
 * `counted` ones leave it: the points that a child sees must not fall in between. */
export async function refresh(
  delivered: readonly store.OutboxItem[] = [],
  counted: readonly store.OutboxItem[] = [],
): Promise<void> {
  const [students, items, troubles] = await Promise.all([
    store.students(),
    store.allItems(),
    store.troubles(),
  ]);
  const { uncounted } = appState();
  const known = new Set(uncounted.map((item) => item.sessionId));
  const fresh = delivered.filter((item) => !known.has(item.sessionId));
  setState({ students, items, troubles, uncounted: [...uncounted, ...fresh].filter((item) => !counted.includes(item)) });
}

/** Send what can be sent. Calls during a run share one more run after it. */
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
  if (report && !hearsOfDeliveries) onDelivered(report.delivered);
  return report;
}

/** Hear of deliveries by this page, by other pages and by the service worker. */
function watchDeliveries(): void {
  try {
    new BroadcastChannel(CHANNEL).addEventListener('message', (event: MessageEvent<store.OutboxItem[]>) => {
      void refresh(event.data);
      onDelivered(event.data);
    });
    hearsOfDeliveries = true;
  } catch {
    // An old browser: this page knows its own drains, and sees others' results when it becomes
    // visible.
  }
}

function onDelivered(delivered: readonly store.OutboxItem[]): void {
  if (delivered.some((item) => item.studentId === appState().currentId)) void followProgress();
}

/** Have the service worker send when the network is back, even with no page open. */
export async function askTheBrowser(): Promise<void> {
  try {
    const registration = (await navigator.serviceWorker?.ready) as
      | (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } })
      | undefined;
    await registration?.sync?.register(SYNC_TAG);
  } catch {
    // Some browsers lack this or refuse it: the page's own triggers are enough.
  }
}

async function followProgress(): Promise<void> {
  for (const wait of PROGRESS_AFTER_MS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const me = await readProgress();
    if (!me || me.sessions.pending === 0) return;
  }
}

/** Read GET /me for the current student and store it for when there is no network. It is stored
 * with the student and not in a service worker cache, whose key is the URL, the same for all
 * students. Null on failure. */
export async function readProgress() {
  const student = current(appState());
  if (!student || student.access !== 'active') return null;
  const sent = appState().uncounted.filter((item) => item.studentId === student.id);
  const answer = await readMe(student);
  setState({ progressIsOld: answer.kind !== 'ok' });
  try {
    await keepProgress(student, answer);
    const isCounted = answer.kind === 'ok' && answer.value.sessions.pending === 0;
    await refresh([], isCounted ? sent : []);
  } catch {
    // The disk is full: a later answer is stored when there is room.
  }
  return answer.kind === 'ok' ? answer.value : null;
}

async function keepProgress(student: store.KnownStudent, answer: Answer<Me>): Promise<void> {
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
  }
}

/** Send at every moment at which it may succeed. */
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
