/** Why a line of a list is bad or skipped, in the page's language. */

import type { LineFault, RosterLine } from './shapes.ts';
import type { Key, Translate } from './words/index.ts';

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

type Code = (typeof FAULTS)[number];

const isKnown = (code: string): code is Code => (FAULTS as readonly string[]).includes(code);

/** What a newer server says in a code that this page does not know, it says in English. */
export function whyOf({ faults = [], message }: RosterLine, t: Translate): string | null {
  const told = faults.map((fault) => wordsOf(fault, t));
  return told.length && !told.includes(null) ? told.join(' ') : (message ?? null);
}

function wordsOf({ code, column, about }: LineFault, t: Translate): string | null {
  if (!isKnown(code)) return null;
  const key: Key = `line_${code}`;
  const why = t(key, { about });
  return column ? t('line_column', { column, why }) : why;
}
