/** The badges, from the one table that the server reads too. */

import table from '../../../neuroplay/core/achievements.json';
import type { Language } from '../i18n/text.ts';
import { wordsOf } from '../i18n/words.ts';

export interface BadgeWords {
  name: string;
  /** How it is earned. */
  how: string;
}

interface Row {
  id: string;
  names: Record<Language, string>;
  how: Record<Language, string>;
}

const TABLE: readonly Row[] = table.achievements;

/** All badges, in the order in which they are shown. */
export const BADGES: readonly string[] = TABLE.map(({ id }) => id);

/** The words of a badge. A server of a later release may give a badge that
 * this build does not know: it is a badge all the same. */
export function badgeWords(language: Language, id: string): BadgeWords {
  const row = TABLE.find((one) => one.id === id);
  if (row) return { name: row.names[language], how: row.how[language] };
  const { badge_unknown: name, badge_unknown_how: how } = wordsOf(language);
  return { name, how };
}
