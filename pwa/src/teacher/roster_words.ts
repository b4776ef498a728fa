/** Why a line of a list is bad or skipped, and what is doubtful about a list, in the page's language. What a newer
 * server says in a code that this page does not know, it says in English. */

import type { Doubt, LineFault, RosterLine } from './shapes.ts';
import type { Translate } from './words/index.ts';

/** neuroplay/core/errors.py */
export const FAULTS = [
  'nickname_empty',
  'nickname_long',
  'nickname_unseen',
  'nickname_mail',
  'nickname_taken',
  'name_twice',
  'number_twice',
  'more_cells',
  'avatar_unknown',
  'class_empty',
  'class_name',
  'class_large',
  'class_missing',
  'nobody',
  'no_column',
  'no_heading',
  'no_csv',
  'many_lines',
  'letters',
  'heading_again',
  'other_class',
] as const;

/** neuroplay/core/entities/roster.py */
export const DOUBTS = [
  'letters_damaged',
  'total',
  'formula',
  'number',
  'above',
  'maybe_heading',
  'column',
  'shortened',
  'several_classes',
  'class_differs',
  'most_gone',
] as const;

const isOneOf = <T extends string>(codes: readonly T[], code: string): code is T => (codes as readonly string[]).includes(code);

export function doubtOf({ code, about, message }: Doubt, t: Translate): string {
  return isOneOf(DOUBTS, code) ? t(`doubt_${code}`, { about }) : message;
}

export function whyOf({ faults = [], message }: RosterLine, t: Translate): string | null {
  const told = faults.map((fault) => wordsOf(fault, t));
  return told.length && !told.includes(null) ? told.join(' ') : (message ?? null);
}

function wordsOf({ code, column, about }: LineFault, t: Translate): string | null {
  if (!isOneOf(FAULTS, code)) return null;
  const why = t(`line_${code}`, { about });
  return column ? t('line_column', { column, why }) : why;
}
