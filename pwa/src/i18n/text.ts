/** Languages, and how a text is written in one: pure, for the page, games and tests alike. */

import table from '../../../neuroplay/core/game_catalogue.json';

export type Language = keyof typeof table.languages;

export const LANGUAGES: readonly { id: Language; name: string }[] = Object.entries(table.languages).map(
  ([id, name]) => ({ id: id as Language, name }),
);

/** A text, or the two forms of one that goes by a number. */
export type Text = string | { one: string; other: string };

/** A text with its values put in; the form of its plural goes by `n`. */
export function write(tag: Language, text: Text, values: Record<string, string | number>): string {
  return formOf(tag, text, Number(values.n)).replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? '';
    return typeof value === 'number' ? value.toLocaleString(tag) : value;
  });
}

function formOf(tag: Language, text: Text, n: number): string {
  if (typeof text === 'string') return text;
  return new Intl.PluralRules(tag).select(n) === 'one' ? text.one : text.other;
}
