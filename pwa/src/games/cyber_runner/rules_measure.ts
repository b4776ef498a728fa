/** What a round was, in the units of a session: page and verifier must round alike. */

/* eslint-disable no-restricted-syntax -- IEEE 754 gives one quotient of two whole numbers, everywhere. */

/** Right answers among all, 0 to 1, to four places; 0 where nothing was asked. */
export function accuracyOf(right: number, total: number): number {
  return total === 0 ? 0 : Math.floor((right * 10_000) / total + 0.5) / 10_000;
}

/** Seconds, to one place, of steps of a sixtieth. */
export function secondsOf(steps: number): number {
  return Math.floor(steps / 6 + 0.5) / 10;
}

/** The most steps that `secondsOf` gives as these seconds, or as fewer. */
export function mostStepsOf(seconds: number): number {
  return Math.ceil(seconds * 60 + 3) - 1;
}
