/** What each level asks, and how long things take, in steps of 1/60 s. */

export const LEVELS = [1, 20] as const;

export const FEWEST_DRUMS = 4;
export const MOST_DRUMS = 6;
export const LONGEST = 9;

export interface Level {
  /** Beats of a phrase. */
  span: number;
  drums: number;
  /** From one beat to the next. */
  beat: number;
  /** Beats of every third phrase, which is played back from its end; 0 if there are none. */
  backSpan: number;
}

const level = (span: number, drums: number, beat: number, backSpan: number): Level => ({ span, drums, beat, backSpan });

const EASIEST = level(2, 4, 54, 0);

const TABLE: readonly Level[] = [
  EASIEST,
  level(2, 4, 42, 0),
  level(3, 4, 54, 0),
  level(3, 4, 42, 0),
  level(3, 5, 36, 0),
  level(4, 5, 48, 0),
  level(4, 5, 42, 0),
  level(4, 5, 36, 0),
  level(5, 5, 45, 0),
  level(5, 5, 39, 0),
  level(5, 6, 36, 0),
  level(5, 6, 36, 4),
  level(6, 6, 40, 4),
  level(6, 6, 36, 5),
  level(6, 6, 30, 5),
  level(7, 6, 38, 5),
  level(7, 6, 32, 6),
  level(8, 6, 36, 6),
  level(8, 6, 30, 7),
  level(9, 6, 32, 7),
];

export function levelAt(number: number): Level {
  return TABLE[number - 1] ?? EASIEST;
}

/** Of so many phrases, one is played back from its end, where the level has that. */
export const BACK_EVERY = 3;

/** Before the first beat; longer where the child is told that the way is back. */
export const READY_STEPS = 42;
export const READY_BACK_STEPS = 108;
/** From the last beat to the child's turn. */
export const HAND_OVER_STEPS = 24;
export const RIGHT_STEPS = 60;
/** After a wrong tap: the right drum lights up, from LIGHT_STEPS on. */
export const WRONG_STEPS = 102;
export const LIGHT_STEPS = 36;
/** A second tap on the same drum so soon is a finger that trembles. No phrase asks for it. */
export const TREMBLE_STEPS = 15;
