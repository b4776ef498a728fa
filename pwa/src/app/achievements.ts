/** Badges, from the table that the server reads too. */

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

/** The texts of a badge. One from a later release, unknown to this build, gets general texts. */
export function badgeWords(language: Language, id: string): BadgeWords {
  const row = TABLE.find((one) => one.id === id);
  if (row) return { name: row.names[language], how: row.how[language] };
  const { badge_unknown: name, badge_unknown_how: how } = wordsOf(language);
  return { name, how };
}
