/** The results of a round in the units of a session: page and verifier must round alike. */

/* eslint-disable no-restricted-syntax -- IEEE 754 gives one quotient of two whole numbers, everywhere. */

/** Share of right answers, 0 to 1, to four decimal places; 0 if there were no answers. */
export function accuracyOf(right: number, total: number): number {
  return total === 0 ? 0 : Math.floor((right * 10_000) / total + 0.5) / 10_000;
}

/** Steps of 1/60 s in seconds, to one decimal place. */
export function secondsOf(steps: number): number {
  return Math.floor(steps / 6 + 0.5) / 10;
}

/** The most steps that `secondsOf` rounds to `seconds` or less. */
export function mostStepsOf(seconds: number): number {
  return Math.ceil(seconds * 60 + 3) - 1;
}
