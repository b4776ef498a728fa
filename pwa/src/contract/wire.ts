/** The API's wire types, as far as the app uses them. `fixture.json` holds an example of each, which
 * the tests of both sides read. */

export interface SignInRequest {
  class_code: string;
  card_code: string;
  device_id: string;
}

export interface StudentCard {
  id: number;
  nickname: string;
  avatar: string;
}

export interface SignInAnswer {
  token: string;
  token_id: string;
  export_key: string;
  student: StudentCard;
}

export interface WireSession {
  session_id: string;
  game_type: string;
  game_version: string;
  started_at: string;
  ended_at: string;
  utc_offset_minutes: number;
  score: number;
  /** Seconds of play. */
  duration: number;
  /** 0 to 1. */
  accuracy: number;
  completed: boolean;
  metadata: Record<string, unknown>;
}

export interface SyncRequest {
  device_id: string;
  sent_at: string;
  /** What is left on this device for this student after this request. */
  outbox: { pending: number; oldest: string | null };
  sessions: WireSession[];
}

export type ReceiptStatus = 'accepted' | 'duplicate' | 'conflict' | 'invalid';

export interface Receipt {
  session_id: string | null;
  status: ReceiptStatus;
  error?: { code: string; field: string; message: string } | null;
}

export interface OfferRequest {
  device_id: string;
  offered: { session_id: string; hash: string }[];
}

export interface Me {
  student: StudentCard;
  xp: number;
  level: number;
  xp_next_level: number;
  achievements: { id: string; unlocked_at: string }[];
  games: { game_type: string; plays: number; best_score: number; difficulty: number }[];
  sessions: { processed: number; pending: number; held: number };
  /** `last_day` is the student's own calendar day of the latest play, YYYY-MM-DD. */
  streak: { days: number; today: boolean; last_day: string | null };
  /** Minutes that the class plays on a day; absent from servers of 2.5 and before. */
  day_minutes?: number;
}

export interface Leaderboard {
  game_type: string;
  period: string;
  since: string;
  /** `colour`: of the avatar; absent from servers of 2.5 and before. */
  top: { nickname: string; avatar: string; colour?: number; score: number }[];
  me: { rank: number; score: number } | null;
}
