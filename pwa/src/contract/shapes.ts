/** Validates JSON against the wire types, in full: half a document is no answer of ours. Unknown
 * fields are ignored. */

import { isRecord } from './answer.ts';
import type { Leaderboard, Me, Receipt, ReceiptStatus, SignInAnswer, StudentCard } from './wire.ts';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const flag: Check = (value) => typeof value === 'boolean';
const orNull = (check: Check): Check => (value) => value === null || check(value);
const orAbsent = (check: Check): Check => (value) => value === undefined || check(value);
const listOf = (check: Check): Check => (value) => Array.isArray(value) && value.every(check);
const shape = (fields: Record<string, Check>): Check => (value) =>
  isRecord(value) && Object.entries(fields).every(([name, check]) => check(value[name]));

const student = shape({ id: number, nickname: text, avatar: text });

const signedIn = shape({
  token: (value) => typeof value === 'string' && value !== '',
  token_id: text,
  export_key: text,
  student,
});

const me = shape({
  student,
  xp: number,
  level: number,
  xp_next_level: number,
  achievements: listOf(shape({ id: text })),
  games: listOf(shape({ game_type: text, plays: number, best_score: number, difficulty: number })),
  sessions: shape({ processed: number, pending: number, held: number }),
  streak: shape({ days: number, today: flag, last_day: orNull(text) }),
  day_minutes: orAbsent(number),
});

const board = shape({
  game_type: text,
  top: listOf(shape({ nickname: text, avatar: text, colour: orAbsent(number), score: number })),
  me: orNull(shape({ rank: number, score: number })),
});

export function readSignIn(body: unknown): SignInAnswer | null {
  return signedIn(body) ? (body as SignInAnswer) : null;
}

/** A reader of GET /me for this student; an answer about another student gives null. */
export function readMeOf(own: Pick<StudentCard, 'id'>): (body: unknown) => Me | null {
  return (body) => (me(body) && (body as Me).student.id === own.id ? (body as Me) : null);
}

export function readBoardOf(gameType: string): (body: unknown) => Leaderboard | null {
  return (body) =>
    board(body) && (body as Leaderboard).game_type === gameType ? (body as Leaderboard) : null;
}

const RECEIPTS: ReadonlySet<unknown> = new Set<ReceiptStatus>(['accepted', 'duplicate', 'conflict', 'invalid']);

/** When and in which epoch the server acknowledged something, in ms since 1970 on its clock. */
export interface Acknowledgement {
  epoch: string;
  answeredAt: number;
  /** Null if there is no backup of this epoch. */
  safeBefore: number | null;
}

/** Null if the server names no epoch, as those of 2.5 and before, or only a part of it. */
function acknowledgementOf(body: Record<string, unknown>): Acknowledgement | null {
  const { epoch, answered_at: answered, safe_before: safe } = body;
  if (typeof epoch !== 'string' || epoch === '' || typeof answered !== 'string') return null;
  const answeredAt = Date.parse(answered);
  const safeBefore = typeof safe === 'string' ? Date.parse(safe) : NaN;
  if (Number.isNaN(answeredAt)) return null;
  return { epoch, answeredAt, safeBefore: Number.isNaN(safeBefore) ? null : safeBefore };
}

export interface Receipts {
  bySession: ReadonlyMap<string, Receipt>;
  acknowledgement: Acknowledgement | null;
}

/** A reader of the receipts for these sessions; null if the answer has none of them. */
export function readReceiptsFor(sessionIds: ReadonlySet<string>): (body: unknown) => Receipts | null {
  return (body) => {
    if (!isRecord(body) || !Array.isArray(body.receipts)) return null;
    const bySession = new Map<string, Receipt>();
    for (const receipt of body.receipts as unknown[]) {
      if (!isRecord(receipt) || !RECEIPTS.has(receipt.status)) continue;
      const id = receipt.session_id;
      if (typeof id === 'string' && sessionIds.has(id) && !bySession.has(id)) {
        bySession.set(id, receipt as unknown as Receipt);
      }
    }
    return bySession.size > 0 ? { bySession, acknowledgement: acknowledgementOf(body) } : null;
  };
}

export interface Lacking {
  /** Offered sessions that the server does not have. */
  sessionIds: ReadonlySet<string>;
  acknowledgement: Acknowledgement;
}

export function readLacking(body: unknown): Lacking | null {
  if (!isRecord(body) || !listOf(text)(body.lacking)) return null;
  const acknowledgement = acknowledgementOf(body);
  return acknowledgement && { sessionIds: new Set(body.lacking as string[]), acknowledgement };
}
