/** The page's texts. Each language loads when it is chosen. */

import { useSyncExternalStore } from 'react';

import { LANGUAGES, write, type Language } from '../../i18n/text.ts';
import type { Key, Words } from './en.ts';

export { LANGUAGES, type Language } from '../../i18n/text.ts';
export type { Key } from './en.ts';

/** Of an adult's own choice: a child's on the same device stays. */
const STORED = 'neuroplay-teacher-language';
const FILES = import.meta.glob<Words>(['./??.ts'], { import: 'default' });
const loaded = new Map<Language, Words>();

let tag: Language = first();
let shown: { tag: Language; words: Words } | undefined;
const listeners = new Set<() => void>();

function first(): Language {
  for (const wanted of [stored(), ...navigator.languages]) {
    const found = LANGUAGES.find(({ id }) => wanted.slice(0, 2).toLowerCase() === id.slice(0, 2));
    if (found) return found.id;
  }
  return 'pt-BR';
}

/** A browser that forbids storage throws when `localStorage` is read. */
function stored(): string {
  try {
    return localStorage.getItem(STORED) ?? '';
  } catch {
    return '';
  }
}

/** Resolves when the texts of the chosen language are there; rejects if they cannot be loaded. */
export async function loadWords(): Promise<void> {
  const wanted = tag;
  const words = loaded.get(wanted) ?? (await FILES[`./${wanted.slice(0, 2)}.ts`]!());
  loaded.set(wanted, words);
  if (wanted !== tag) return;
  shown = { tag, words };
  document.documentElement.lang = tag;
  listeners.forEach((listener) => listener());
}

export function setLanguage(next: Language): void {
  tag = next;
  // Without its texts, the language that is shown stays.
  loadWords().catch(() => undefined);
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // The choice lasts while the page is open.
  }
}

export type Translate = ((key: Key, values?: Record<string, string | number>) => string) & { tag: Language };

/** The texts; `tag` is their language. Renders again when it changes. */
export function useWords(): Translate {
  const now = useSyncExternalStore(subscribe, () => shown);
  if (!now) throw new Error('the texts are shown before they are loaded');
  const translate = (key: Key, values: Record<string, string | number> = {}) => write(now.tag, now.words[key], values);
  return Object.assign(translate, { tag: now.tag });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
