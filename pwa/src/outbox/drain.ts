/** Sends what the outbox holds. Every trigger, in the page and in the service worker, calls this
 * one function; a Web Lock keeps two of them apart. */

import type { SyncRequest } from '../contract/wire.ts';
import { batchOf, endToken, send, type Fetch, type Outcome } from './send.ts';
import * as store from './store.ts';

export const SYNC_TAG = 'gameplay-queue';
const LOCK = 'neuroplay-drain';

export interface DrainReport {
  /** What the server has now. */
  delivered: store.OutboxItem[];
  /** Something is left that a later try may send; `retryAfterMs` where the server said when. */
  again: boolean;
  retryAfterMs: number | null;
}

/** Send everything that can be sent. Throws only where IndexedDB fails. */
export function drain(fetch: Fetch): Promise<DrainReport> {
  const run = () => drainAll(fetch);
  return navigator.locks ? navigator.locks.request(LOCK, run) : run();
}

async function drainAll(fetch: Fetch): Promise<DrainReport> {
  const report: DrainReport = { delivered: [], again: false, retryAfterMs: null };
  const device = await store.deviceId();
  for (const student of await store.students()) {
    if (student.access === 'expired') continue;
    if (!(await drainStudent(fetch, device, student, report))) break;
  }
  return report;
}

/** Send one student's sessions; false where the server cannot be reached at all. */
async function drainStudent(
  fetch: Fetch,
  device: string,
  student: store.KnownStudent,
  report: DrainReport,
): Promise<boolean> {
  let most = Infinity;
  for (;;) {
    const items = await store.itemsOf(student.id);
    const waiting = items.filter((item) => !item.parked);
    if (waiting.length === 0) {
      if (items.length === 0 && student.access === 'signed-out') {
        await endToken(fetch, student.token);
        await store.forgetStudent(student.id, false);
      }
      return true;
    }
    const batch = batchOf(waiting.slice(0, most));
    const outcome = await send(fetch, student.token, requestOf(device, items, batch));
    if (outcome.kind === 'keep') {
      report.again = true;
      report.retryAfterMs = outcome.retryAfterMs;
      return false;
    }
    if (outcome.kind === 'refused' && batch.length > 1) {
      // One of them is the cause: halve until it stands alone.
      most = batch.length >> 1;
      continue;
    }
    if (!(await settle(student, batch, outcome, report))) return true;
    most = Infinity;
  }
}

function requestOf(
  device: string,
  items: readonly store.OutboxItem[],
  batch: readonly store.OutboxItem[],
): SyncRequest {
  const staying = items.filter((item) => !batch.includes(item));
  return {
    device_id: device,
    sent_at: new Date().toISOString(),
    outbox: {
      pending: staying.length,
      oldest: staying.map((item) => item.session.ended_at).sort()[0] ?? null,
    },
    sessions: batch.map((item) => item.session),
  };
}

/** Do with the batch what the server said; false where this student's turn is over. */
async function settle(
  student: store.KnownStudent,
  batch: readonly store.OutboxItem[],
  outcome: Exclude<Outcome, { kind: 'keep' }>,
  report: DrainReport,
): Promise<boolean> {
  switch (outcome.kind) {
    case 'sign-in':
      await store.changeStudent(student.id, (known) =>
        // A new sign-in may have come meanwhile: its token was not the one refused.
        known.token === student.token ? { ...known, access: 'expired' } : known,
      );
      return false;
    case 'erased':
      await store.forgetStudent(student.id, true);
      return false;
    case 'refused':
      for (const item of batch) await store.parkItem(item.sessionId, outcome.code, outcome.message);
      return true;
    case 'receipts': {
      const done: store.OutboxItem[] = [];
      let answered = 0;
      for (const item of batch) {
        const receipt = outcome.receipts.find((one) => one.session_id === item.sessionId);
        if (!receipt) continue;
        answered += 1;
        if (receipt.status === 'accepted' || receipt.status === 'duplicate') {
          done.push(item);
        } else {
          const error = receipt.error;
          await store.parkItem(item.sessionId, error?.code ?? receipt.status, error?.message ?? '');
        }
      }
      await store.removeItems(done.map((item) => item.sessionId));
      report.delivered.push(...done);
      // An answer that names none of ours would be asked for for ever.
      if (answered === 0) report.again = true;
      return answered > 0;
    }
  }
}
