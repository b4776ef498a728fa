/** An adult's classes where one is chosen or all are named: 3A before 10A. */

import type { OwnClass } from './shapes.ts';
import type { Translate } from './words/index.ts';

/** So many classes are named in a sentence. */
const MOST_NAMED = 6;

export const byName = <One extends { name: string }>(some: readonly One[], tag: string): One[] =>
  [...some].sort((one, other) => one.name.localeCompare(other.name, tag, { numeric: true }));

/** Where somebody can go from a class. */
export const othersOf = (classes: readonly OwnClass[], classId: number, tag: string): OwnClass[] =>
  byName(
    classes.filter(({ id, archived }) => id !== classId && !archived),
    tag,
  );

export function namesOf(classes: readonly { name: string }[], t: Translate): string {
  const names = byName(classes, t.tag).map(({ name }) => name);
  const more = names.length - MOST_NAMED;
  if (more <= 0) return t('join_classes', { classes: names.join(', ') || '–' });
  return t('join_more', { classes: names.slice(0, MOST_NAMED).join(', '), n: more });
}
