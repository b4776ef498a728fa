/** What the server answers to an adult, under /api/v1/adult. Times are UTC, as ISO 8601. */

type Moment = string;

export interface ClassName {
  id: number;
  name: string;
}

export interface OwnClass extends ClassName {
  code: string;
  students: number;
  archived?: boolean;
}

export interface Self {
  adult: { id: number; name: string; role: 'teacher' | 'school' };
  csrf: string;
  classes: OwnClass[];
  passkeys: Passkey[];
  /** The address at which passkeys work; empty if at none. */
  passkeys_at: string;
}

export interface Passkey {
  id: number;
  name: string;
  created_at: Moment;
  last_used: Moment | null;
}

/** To be signed as it is, for ten minutes, once. */
export interface PasskeyChallenge {
  challenge: string;
  origin: string;
  domain: string;
}

/** Ids are base64url. */
export interface NewPasskeyChallenge extends PasskeyChallenge {
  handle: string;
  name: string;
  known: string[];
  algorithms: number[];
}

export interface Invitation {
  name: string;
  role: 'teacher' | 'school';
  classes: ClassName[];
  expires_at: Moment;
  /** Has a passphrase already, which the link replaces. */
  returning: boolean;
}

interface At {
  at: Moment;
}

export interface ClassFigures extends OwnClass {
  /** Children who played. */
  played_today: number;
  played_week: number;
  minutes_today: number;
  minutes_week: number;
  games_week: number;
  /** The newest contact of any of its tablets. */
  last_heard: Moment | null;
  unsent_games: number;
  unsent_tablets: number;
  held: number;
  /** Games that arrived and are being counted. */
  counting: number;
  /** The demo class, whose first weeks nobody played. */
  made_up: boolean;
}

export interface Overview extends At {
  classes: ClassFigures[];
}

export interface Child {
  id: number;
  nickname: string;
  avatar: string;
}

export interface ChildFigures extends Child {
  level: number;
  xp: number;
  last_heard: Moment | null;
  last_played: Moment | null;
  unsent: number;
  minutes_today: number;
  minutes_week: number;
  days_week: number;
  games_week: number;
  held: number;
  counting: number;
}

export interface ClassSettings {
  name: string;
  leaderboard_enabled: boolean;
  day_minutes: number;
  trace_days: number | null;
  raw_days: number | null;
  keep_months: number | null;
}

export interface ClassView extends At {
  class: ClassSettings & { id: number; code: string; archived: boolean; created_at: Moment; made_up: boolean };
  students: ChildFigures[];
  games: { game_type: string; children: number; games_week: number; accuracy_week: number | null }[];
}

export interface Round {
  ended_at: Moment;
  difficulty: number | null;
  next_difficulty: number | null;
  accuracy: number | null;
  duration_s: number;
  completed: boolean;
  verdict: string | null;
}

export interface ChildGame {
  game_type: string;
  plays: number;
  difficulty: number | null;
  lowest_difficulty: number | null;
  highest_difficulty: number | null;
  best_score: number;
  last_played: Moment | null;
  /** The newest sixty, oldest first. */
  rounds: Round[];
}

export interface ChildView extends At {
  class: ClassName & { made_up: boolean };
  student: Child & {
    level: number;
    xp: number;
    streak: number;
    last_heard: Moment | null;
    last_played: Moment | null;
    unsent: number;
    held: number;
    counting: number;
    /** Of the card that is replaced. */
    card_version: number;
  };
  /** The last 28, in the child's calendar. */
  days: { day: string; minutes: number; games: number }[];
  games: ChildGame[];
}

export interface Tablet {
  /** The beginning of its id. */
  device: string;
  students: { id: number; nickname: string; unsent: number; oldest: Moment | null }[];
  last_contact: Moment | null;
}

export interface Tablets extends At {
  tablets: Tablet[];
}

export interface HeldGame {
  id: number;
  student: Child;
  game_type: string | null;
  ended_at: Moment | null;
  received_at: Moment;
  score: number | null;
  duration_s: number | null;
  accuracy: number | null;
  difficulty: number | null;
  reasons: string[];
}

export interface HeldGames extends At {
  held: HeldGame[];
  /** `before` of the next page; null after the last. */
  older: number | null;
}

/** `busy`: somebody else had decided. */
export interface Decision {
  state: string;
  result: string;
}

export interface Card {
  student_id: number;
  nickname: string;
  avatar: string;
  card_code: string;
  /** What the QR code holds. */
  address: string;
}

export interface Cards {
  class: { id: number; name: string; code: string };
  cards: Card[];
}

export type Becomes = 'added' | 'kept' | 'changed' | 'gone' | 'bad' | 'skipped';
/** `moved`: who was gone, and moved to another class. */
export type Counts = Partial<Record<Becomes | 'moved', number>>;

export interface LineFault {
  code: string;
  /** As a spreadsheet shows it; empty if it concerns the line. */
  column: string;
  /** The line, class or word that it names. */
  about: string;
}

export interface Doubt {
  code: string;
  about: string;
  /** In English. */
  message: string;
}

export interface RosterLine {
  line: number | null;
  becomes: Becomes;
  nickname: string | null;
  avatar?: string | null;
  student_id?: number | null;
  was?: string | null;
  /** In English. */
  message?: string | null;
  faults?: LineFault[];
}

export interface Preview {
  /** A hash of the class and the list: what is applied is what was seen. */
  preview_id: string;
  lines: RosterLine[];
  counts: Counts;
  doubts: Doubt[];
  can_apply: boolean;
}

export interface Import {
  id: number;
  at: Moment;
  counts: Counts;
  undone_at: Moment | null;
  can_undo: boolean;
}

/** `left`: children who have played since, and stay. */
export interface Undone {
  left: { student_id: number; nickname: string }[];
}

export interface Imports {
  imports: Import[];
}

/** What an erasure removed. */
export interface Receipt {
  erased_at: Moment;
  student_id: number;
  rows: Record<string, number> | number;
}
