/** How long a tablet keeps sessions that the server has acknowledged. A server that is restored from
 * a backup lacks what came after it; the tablet then offers what it still has. Pure functions; times
 * are the server's, because a tablet's clock may be anything. */

import type { Acknowledgement } from '../contract/shapes.ts';

/** What a tablet knows of a session that it keeps; the session itself is stored apart. */
export interface KeptItem {
  sessionId: string;
  studentId: number;
  /** As in `payloadHash`. */
  hash: string;
  /** Length of its JSON. */
  bytes: number;
  /** When it was put into the outbox, by this device's clock. */
  putAt: number;
  /** When it was acknowledged first. */
  since: number;
  /** The epoch and the time of the answer that acknowledged it last. */
  epoch: string;
  answeredAt: number;
}

export const LONGEST_MS = 30 * 24 * 60 * 60 * 1000;
export const MOST_BYTES = 20 * 1024 * 1024;
export const MOST_OFFERED = 250;

/** What can go, given the server's last answer: what a backup covers, what is too old, and the
 * oldest of what is too much. */
export function dispensable(kept: readonly KeptItem[], heard: Acknowledgement): KeptItem[] {
  const stays = (item: KeptItem) => !isCovered(item, heard) && heard.answeredAt - item.since <= LONGEST_MS;
  let bytes = 0;
  const fits = new Set(
    newestFirst(kept.filter(stays)).filter((item) => {
      bytes += item.bytes;
      return bytes <= MOST_BYTES;
    }),
  );
  return kept.filter((item) => !fits.has(item));
}

/** A backup of the same epoch was made after the answer. */
function isCovered(item: KeptItem, { epoch, safeBefore }: Acknowledgement): boolean {
  return item.epoch === epoch && safeBefore !== null && item.answeredAt < safeBefore;
}

/** What another epoch acknowledged: the server may lack it. */
export function toOffer(kept: readonly KeptItem[], epoch: string): KeptItem[] {
  return kept.filter((item) => item.epoch !== epoch);
}

/** The older half, at least one: what goes first where the storage is full. */
export function olderHalf(kept: readonly KeptItem[]): KeptItem[] {
  return newestFirst(kept).slice(Math.floor(kept.length / 2));
}

function newestFirst(kept: readonly KeptItem[]): KeptItem[] {
  return [...kept].sort((a, b) => b.since - a.since);
}
