/** Sends the outbox, and offers what the server acknowledged before its database was restored. Every
 * trigger, in the page and in the service worker, calls `drain`; a Web Lock prevents two at once. */

import { spread } from '../contract/answer.ts';
import type { Acknowledgement, Receipts } from '../contract/shapes.ts';
import type { SyncRequest } from '../contract/wire.ts';
import { dispensable, MOST_OFFERED, toOffer, type KeptItem } from './kept.ts';
import { batchOf, endToken, FEWEST_BYTES, MOST_BYTES, offer, send, type Fetch, type Outcome } from './send.ts';
import * as store from './store.ts';

export const SYNC_TAG = 'gameplay-queue';
const LOCK = 'neuroplay-drain';
/** How long to wait for the lock: longer than a drain on a slow network takes between two
 * requests. A holder that takes longer is asleep, perhaps in a frozen tab. Then a game may be
 * sent twice; it counts once. */
const LOCK_IN_MS = 60_000;

/** On this BroadcastChannel every page hears what a drain has delivered. */
export const CHANNEL = 'neuroplay-outbox';

export interface DrainReport {
  /** Sessions that the server has now. */
  delivered: store.OutboxItem[];
  /** Something is left that a later try may send; `retryAfterMs` if the server said when. */
  again: boolean;
  retryAfterMs: number | null;
}

/** `by-itself` waits as long as the server asked; `by-hand` does not. */
export type Asked = 'by-itself' | 'by-hand';

/** Send everything that can be sent. */
export async function drain(fetch: Fetch, asked: Asked = 'by-itself'): Promise<DrainReport> {
  const run = () => new Drain(fetch, asked).run();
  const report = await alone(run);
  announce(report.delivered);
  return report;
}

/** Run while no other page or worker does, where the browser has locks. */
async function alone<T>(run: () => Promise<T>): Promise<T> {
  let begun: Promise<T> | undefined;
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), LOCK_IN_MS);
  try {
    return await navigator.locks.request(LOCK, { signal: patience.signal }, () => {
      clearTimeout(timer);
      return (begun = run());
    });
  } catch (error) {
    // No locks, none in time, or not allowed: run without. But a run that had begun has itself
    // failed.
    if (begun) throw error;
    return run();
  } finally {
    clearTimeout(timer);
  }
}

/** Tell the tablet's other pages. Without a channel, they look when they become visible. */
function announce(delivered: readonly store.OutboxItem[]): void {
  try {
    const channel = new BroadcastChannel(CHANNEL);
    channel.postMessage(delivered);
    channel.close();
  } catch {
    // An old browser.
  }
}

/** After a student's turn: continue with the next student, or stop. */
type Turn = 'next' | 'stop';

/** After this many single sessions in a row have failed, the server is the cause, not the
 * sessions. */
const DOUBTS_IN_A_ROW = 2;

const NOT_BEFORE = 'not-before';
/** The same for one student, who is over budget. */
const notBeforeOf = (studentId: number) => `${NOT_BEFORE}-${studentId}`;
const BATCH_BYTES = 'batch-bytes';
/** The server's epoch, as heard last. */
const EPOCH = 'epoch';

/** A tablet with kept sessions asks for the epoch this long after it last heard it: by `performance`,
 * so that a new page or worker asks at once. */
const HEARD_FOR_MS = 60_000;
let heardAt = -Infinity;

class Drain {
  private readonly report: DrainReport = { delivered: [], again: false, retryAfterMs: null };
  private device = '';
  private mostBytes = MOST_BYTES;
  private heard: Acknowledgement | null = null;
  private epoch: string | undefined;
  /** Each kept session is offered once a drain. */
  private readonly offered = new Set<string>();

  constructor(
    private readonly fetch: Fetch,
    private readonly asked: Asked,
  ) {}

  async run(): Promise<DrainReport> {
    this.device = await store.deviceId();
    this.mostBytes = Number(await store.remembered(BATCH_BYTES)) || MOST_BYTES;
    this.epoch = await store.remembered(EPOCH);
    if (await this.mustWait(NOT_BEFORE, await store.allItems())) return this.report;
    await this.askForEpoch();
    // An epoch that only the last student's turn brought is news for the first one, too.
    let epoch: string | undefined;
    do epoch = this.epoch;
    while ((await this.turns()) === 'next' && epoch !== undefined && epoch !== this.epoch);
    if (this.heard) await store.dropKept(dispensable(await store.keptItems(), this.heard));
    return this.report;
  }

  private async turns(): Promise<Turn> {
    for (const student of await store.students()) {
      if (!this.mayAsk(student)) continue;
      if (await this.mustWait(notBeforeOf(student.id), await store.itemsOf(student.id))) continue;
      if ((await this.turnOf(student)) === 'stop') return 'stop';
    }
    return 'next';
  }

  /** An adult may try all the same: perhaps a filter refused the token. */
  private mayAsk({ access }: store.KnownStudent): boolean {
    return access !== 'expired' || this.asked === 'by-hand';
  }

  /** Whether the server asked to wait, and the wait before these items is not over. */
  private async mustWait(name: string, items: readonly store.OutboxItem[]): Promise<boolean> {
    if (items.every((item) => item.parked)) return false;
    const left = await this.leftOf(name);
    if (left === 0) return false;
    this.report.again = true;
    this.report.retryAfterMs = left;
    return true;
  }

  /** The rest of a wait, in ms. */
  private async leftOf(name: string): Promise<number> {
    const left = Number(await store.remembered(name)) - Date.now();
    // A clock that was set back must not turn a short wait into a long one.
    return this.asked === 'by-hand' || !(left > 0) || left > 60 * 60_000 ? 0 : left;
  }

  private async turnOf(student: store.KnownStudent): Promise<Turn> {
    const doubted = new Set<string>();
    let most = Infinity;
    let inARow = 0;
    for (;;) {
      const items = await store.itemsOf(student.id);
      const waiting = items.filter((item) => !item.parked && !doubted.has(item.sessionId));
      if (waiting.length === 0) {
        if (doubted.size === 0) await store.setTrouble(student.id, null);
        if (doubted.size === 0 && (await this.offerKept(student))) continue;
        if (items.length === 0 && student.access === 'signed-out') {
          // A round of theirs that another page plays, or that waits to be handed in, needs the token.
          if ((await store.checkpoints()).some(({ studentId }) => studentId === student.id)) return 'next';
          // Only our server's word counts: otherwise the token would stay valid against the child's
          // wish.
          if (await endToken(this.fetch, student)) await store.forgetStudent(student.id, false);
          else this.report.again = true;
        }
        return 'next';
      }
      const batch = batchOf(waiting.slice(0, most), this.mostBytes);
      const outcome = await send(this.fetch, student, this.requestOf(student.deviceId, items, batch));
      if (outcome.kind === 'keep') return this.keep(student, outcome);
      if (batch.length > 1 && (outcome.kind === 'refused' || outcome.kind === 'doubt')) {
        // One of them may be the cause: halve until it stands alone.
        most = batch.length >> 1;
        continue;
      }
      most = Infinity;
      if (outcome.kind === 'doubt') {
        for (const item of batch) doubted.add(item.sessionId);
        this.report.again = true;
        await store.setTrouble(student.id, outcome.why);
        if (++inARow === DOUBTS_IN_A_ROW) return 'stop';
        continue;
      }
      inARow = 0;
      if (!(await this.settle(student, batch, outcome))) return 'next';
    }
  }

  private async keep(
    student: store.KnownStudent,
    outcome: Extract<Outcome<Receipts>, { kind: 'keep' }>,
  ): Promise<Turn> {
    this.report.again = true;
    this.report.retryAfterMs = outcome.retryAfterMs;
    await store.setTrouble(student.id, outcome.why);
    if (outcome.retryAfterMs) await this.waitFor(student, outcome.retryAfterMs, outcome.ofStudent);
    // A slow network may carry less than a full batch in time.
    if (outcome.timedOut) await this.sizeBatches(Math.max(this.mostBytes / 2, FEWEST_BYTES));
    return outcome.ofStudent ? 'next' : 'stop';
  }

  private async sizeBatches(bytes: number): Promise<void> {
    if (bytes === this.mostBytes) return;
    this.mostBytes = bytes;
    await store.remember(BATCH_BYTES, String(bytes));
  }

  private async hear(acknowledgement: Acknowledgement | null): Promise<void> {
    if (!acknowledgement) return;
    heardAt = performance.now();
    this.heard = acknowledgement;
    if (acknowledgement.epoch !== this.epoch) {
      this.epoch = acknowledgement.epoch;
      await store.remember(EPOCH, acknowledgement.epoch);
    }
  }

  /** If nothing is to be sent by which the epoch would be heard, and sessions are kept: ask. */
  private async askForEpoch(): Promise<void> {
    if (this.asked !== 'by-hand' && performance.now() - heardAt < HEARD_FOR_MS) return;
    const kept = await store.keptItems();
    if (kept.length === 0 || (await this.leftOf(NOT_BEFORE)) > 0) return;
    const able = (await store.students()).filter((student) => this.mayAsk(student));
    const waiting = new Set((await store.allItems()).filter((item) => !item.parked).map((item) => item.studentId));
    const first = able[0];
    if (first && !able.some(({ id }) => waiting.has(id))) await this.offerSome(first, []);
  }

  /** Offer some of what earlier epochs acknowledged to the student; true if it was answered. What the
   * server lacks is in the outbox then. */
  private async offerKept(student: store.KnownStudent): Promise<boolean> {
    if (this.epoch === undefined) return false;
    const own = (await store.keptItems()).filter(
      ({ studentId, sessionId }) => studentId === student.id && !this.offered.has(sessionId),
    );
    const items = toOffer(own, this.epoch).slice(0, MOST_OFFERED);
    if (items.length === 0) return false;
    const left = Math.max(await this.leftOf(NOT_BEFORE), await this.leftOf(notBeforeOf(student.id)));
    if (left > 0) {
      this.report.again = true;
      this.report.retryAfterMs = left;
      return false;
    }
    return this.offerSome(student, items);
  }

  /** False if there was no answer of use. */
  private async offerSome(student: store.KnownStudent, items: readonly KeptItem[]): Promise<boolean> {
    for (const { sessionId } of items) this.offered.add(sessionId);
    const outcome = await offer(this.fetch, student, {
      device_id: student.deviceId ?? this.device,
      offered: items.map(({ sessionId, hash }) => ({ session_id: sessionId, hash })),
    });
    switch (outcome.kind) {
      case 'value': {
        const { sessionIds, acknowledgement } = outcome.value;
        await this.hear(acknowledgement);
        await store.acknowledgeKept(
          items.filter(({ sessionId }) => !sessionIds.has(sessionId)),
          acknowledgement,
        );
        await store.putBack(items.filter(({ sessionId }) => sessionIds.has(sessionId)));
        return true;
      }
      case 'sign-in':
        await this.signInAgain(student);
        return false;
      case 'erased':
        await store.forgetStudent(student.id, true);
        return false;
      case 'keep':
        // An answer that is missing to a mere question is asked for at the next occasion.
        if (items.length > 0) this.report.again = true;
        if (outcome.retryAfterMs) await this.waitFor(student, outcome.retryAfterMs, outcome.ofStudent);
        return false;
      case 'doubt':
      case 'refused':
        return false;
    }
  }

  private async signInAgain(student: store.KnownStudent): Promise<void> {
    await store.changeStudent(student.id, (known) =>
      // A new sign-in may have come meanwhile: its token was not the one refused.
      known.token === student.token ? { ...known, access: 'expired' } : known,
    );
  }

  private async waitFor(student: store.KnownStudent, asked: number, ofStudent?: boolean): Promise<void> {
    const milliseconds = spread(asked);
    this.report.retryAfterMs = milliseconds;
    const name = ofStudent ? notBeforeOf(student.id) : NOT_BEFORE;
    await store.remember(name, String(Date.now() + milliseconds));
  }

  private requestOf(
    device: string | undefined,
    items: readonly store.OutboxItem[],
    batch: readonly store.OutboxItem[],
  ): SyncRequest {
    const staying = items.filter((item) => !batch.includes(item));
    return {
      device_id: device ?? this.device,
      sent_at: new Date().toISOString(),
      outbox: {
        pending: staying.length,
        oldest: staying.map((item) => item.session.ended_at).sort()[0] ?? null,
      },
      sessions: batch.map((item) => item.session),
    };
  }

  /** Apply the outcome to the batch; false if this student's turn is over. */
  private async settle(
    student: store.KnownStudent,
    batch: readonly store.OutboxItem[],
    outcome: Exclude<Outcome<Receipts>, { kind: 'keep' | 'doubt' }>,
  ): Promise<boolean> {
    switch (outcome.kind) {
      case 'sign-in':
        await this.signInAgain(student);
        await store.setTrouble(student.id, 'card');
        return false;
      case 'erased':
        await store.forgetStudent(student.id, true);
        return false;
      case 'refused':
        for (const item of batch) await store.parkItem(item.sessionId, outcome.code, outcome.message);
        return true;
      case 'value': {
        const { bySession, acknowledgement } = outcome.value;
        await this.sizeBatches(Math.min(this.mostBytes * 2, MOST_BYTES));
        await this.hear(acknowledgement);
        const done: store.OutboxItem[] = [];
        for (const item of batch) {
          const receipt = bySession.get(item.sessionId);
          if (!receipt) continue;
          if (receipt.status === 'accepted' || receipt.status === 'duplicate') {
            done.push(item);
          } else {
            const error = receipt.error;
            await store.parkItem(item.sessionId, error?.code ?? receipt.status, error?.message ?? '');
          }
        }
        await store.acknowledgeItems(done, acknowledgement);
        if (student.access === 'expired') {
          await store.changeStudent(student.id, (known) => ({ ...known, access: 'active' }));
        }
        this.report.delivered.push(...done);
        return true;
      }
    }
  }
}
