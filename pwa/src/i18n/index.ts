import { useSyncExternalStore } from 'react';

import { LANGUAGES, write, type Language } from './text.ts';
import { loadWords, wordsOf, type Key } from './words.ts';

export { LANGUAGES, type Language } from './text.ts';
export type { Key } from './words.ts';

const STORED = 'neuroplay-language';
const WAITED_FOR_MS = 2_000;

/** A new object whenever the language changes or its texts arrive, so that React renders again. */
let shown: { tag: Language } = { tag: first() };
const listeners = new Set<() => void>();

/** The stored choice, else the browser's language, else pt-BR. */
function first(): Language {
  const wanted = [stored(), ...navigator.languages];
  for (const tag of wanted) {
    const found = LANGUAGES.find(({ id }) => tag.slice(0, 2).toLowerCase() === id.slice(0, 2));
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

export function language(): Language {
  return shown.tag;
}

/** Resolves when the first language's texts have loaded, or after WAITED_FOR_MS. */
export function firstWords(): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, WAITED_FOR_MS));
  return Promise.race([load(shown.tag), late]);
}

async function load(tag: Language): Promise<void> {
  try {
    await loadWords(tag);
  } catch {
    return; // Portuguese stays.
  }
  shown = { ...shown };
  listeners.forEach((listener) => listener());
}

export function setLanguage(next: Language): void {
  shown = { tag: next };
  void load(next);
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // Not stored: the choice lasts while the page is open.
  }
  document.documentElement.lang = next;
  listeners.forEach((listener) => listener());
}

/** Date and time in the current language's short format. */
export function momentOf(moment: string | number): string {
  return new Date(moment).toLocaleString(shown.tag, { dateStyle: 'short', timeStyle: 'short' });
}

export type Translate = (key: Key, values?: Record<string, string | number>) => string;

/** The texts of the current language. A component that calls this renders again on a change. */
export function useWords(): Translate {
  const now = useSyncExternalStore(subscribe, () => shown);
  return (key, values = {}) => write(now.tag, wordsOf(now.tag)[key], values);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
