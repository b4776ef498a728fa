/** What the server accepts, so that forms say it first. A test compares it with the server's own rules. */

export const LONGEST_NICKNAME = 24;
export const LONGEST_CLASS_NAME = 60;
export const LARGEST_CLASS = 200;
export const LONGEST_PASSKEY_NAME = 40;
export const MOST_PASSKEYS = 10;
export const LONGEST_REASON = 300;
export const DAY_MINUTES = { least: 5, most: 240 };
/** Besides 0, for ever. */
export const KEPT_DAYS = { least: 1, most: 3650 };
export const KEPT_MONTHS = { least: 3, most: 240 };
