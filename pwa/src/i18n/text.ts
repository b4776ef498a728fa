/** Languages, and how to fill in a text. Pure, so the page, games and tests share it. */

import { languages } from '../../../neuroplay/core/game_catalogue.json';

export type Language = keyof typeof languages;

export const LANGUAGES: readonly { id: Language; name: string }[] = Object.entries(languages).map(
  ([id, name]) => ({ id: id as Language, name }),
);

/** A text, or its singular and plural forms. */
export type Text = string | { one: string; other: string };

/** Fill in the `{name}` placeholders; `values.n` selects singular or plural. */
export function write(tag: Language, text: Text, values: Record<string, string | number>): string {
  return formOf(tag, text, Number(values.n)).replace(/\{(\w+)\}(\.?)/g, (_, name: string, end: string) => {
    const value = values[name] ?? '';
    if (typeof value === 'number') return numbers(tag).format(value) + end;
    return value.endsWith('.') ? value : value + end; // as of a child "Ana S."
  });
}

function formOf(tag: Language, text: Text, n: number): string {
  if (typeof text === 'string') return text;
  // Unicode's rules have "0 partida" for Portuguese, where people write "0 partidas".
  return n !== 0 && plurals(tag).select(n) === 'one' ? text.one : text.other;
}

const numbers = oncePerLanguage((tag) => new Intl.NumberFormat(tag));
const plurals = oncePerLanguage((tag) => new Intl.PluralRules(tag));

/** Creating a formatter takes milliseconds on a slow tablet, and home shows dozens of numbers. */
function oncePerLanguage<T>(create: (tag: Language) => T): (tag: Language) => T {
  const created = new Map<Language, T>();
  return (tag) => {
    const known = created.get(tag) ?? create(tag);
    created.set(tag, known);
    return known;
  };
}
