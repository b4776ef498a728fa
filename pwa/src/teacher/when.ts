/** Times in words. */

import type { Language } from '../i18n/text.ts';

const MINUTE = 60_000;
const UNITS: [unit: Intl.RelativeTimeFormatUnit, ms: number, below: number][] = [
  ['minute', MINUTE, 60 * MINUTE],
  ['hour', 60 * MINUTE, 24 * 60 * MINUTE],
  ['day', 24 * 60 * MINUTE, 30 * 24 * 60 * MINUTE],
];

/** What is later than that from now is a clock's mistake, and told as it is. */
const AHEAD_MS = 10 * MINUTE;

/** '5 minutes ago'; null within the last minute, or if a clock is a little ahead; a date after a month, and if it is to come. */
export function ago(then: number, now: number, tag: Language): string | null {
  const past = now - then;
  if (past < -AHEAD_MS) return momentOf(then, tag);
  if (past < MINUTE) return null;
  const [unit, ms] = UNITS.find(([, , below]) => past < below) ?? [];
  if (!unit || !ms) return dayOf(then, tag);
  return new Intl.RelativeTimeFormat(tag, { numeric: 'always' }).format(-Math.floor(past / ms), unit);
}

export const momentOf = (moment: string | number, tag: Language): string =>
  new Date(moment).toLocaleString(tag, { dateStyle: 'medium', timeStyle: 'short' });

export const dayOf = (moment: string | number, tag: Language): string => new Date(moment).toLocaleDateString(tag, { dateStyle: 'medium' });

export const clockOf = (moment: number, tag: Language): string => new Date(moment).toLocaleTimeString(tag, { timeStyle: 'short' });

/** '1 min 30 sec'. */
export function durationOf(seconds: number, tag: Language): string {
  const whole = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(whole / 60), 'minute'],
    [whole % 60, 'second'],
  ];
  const said = parts.filter(([n], index) => n > 0 || (index === 1 && whole === 0));
  return said.map(([n, unit]) => new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'short' }).format(n)).join(' ');
}
