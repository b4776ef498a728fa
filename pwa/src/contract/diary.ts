/** What a tablet keeps of a child's days: see app/day/diary.ts. */

/** A round, as far as the day is concerned. */
export interface Round {
  game: string;
  /** When it began and ended, ms since 1970 on the tablet's clock. */
  began: number;
  ended: number;
  seconds: number;
  score: number;
  accuracy: number;
  completed: boolean;
  /** How often the child left alone what was to be left alone. */
  waited: number;
  /** It was the game that the tablet suggested. */
  suggested: boolean;
  /** More points than in the round of this game before it. */
  beatLast: boolean;
  /** As many points as ever in this game, or more. */
  best: boolean;
}

export interface Day {
  /** The tablet's calendar day, YYYY-MM-DD. */
  day: string;
  /** Oldest first. */
  rounds: readonly Round[];
  /** The lanterns that are lit: once lit, they stay so. */
  lit: readonly string[];
}

interface Past {
  /** When it was last played, ms since 1970. */
  ended: number;
  last: number;
  best: number;
  /** Monday of the week of the latest round, and the best before that week; null if there was none. */
  week: string;
  before: number | null;
}

export interface Diary {
  /** In the order in which they were begun; a clock that jumps there and back finds its day again. */
  days: readonly Day[];
  games: Readonly<Record<string, Past>>;
}
