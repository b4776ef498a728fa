import { useSyncExternalStore } from 'react';

import { LANGUAGES, write, type Language } from './text.ts';
import { WORDS, type Key } from './words.ts';

export { LANGUAGES, type Language } from './text.ts';
export type { Key } from './words.ts';

const STORED = 'neuroplay-language';

let current: Language = first();
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

/** A browser that forbids storage throws at the very name of it. */
function stored(): string {
  try {
    return localStorage.getItem(STORED) ?? '';
  } catch {
    return '';
  }
}

export function language(): Language {
  return current;
}

export function setLanguage(next: Language): void {
  current = next;
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // Then it holds for as long as the page is open.
  }
  document.documentElement.lang = next;
  listeners.forEach((listener) => listener());
}

/** A moment as people of the current language write it. */
export function momentOf(moment: string | number): string {
  return new Date(moment).toLocaleString(current, { dateStyle: 'short', timeStyle: 'short' });
}

export type Translate = (key: Key, values?: Record<string, string | number>) => string;

/** Words in the current language; a component that uses it follows a change. */
export function useWords(): Translate {
  const now = useSyncExternalStore(subscribe, language);
  return (key, values = {}) => write(now, WORDS[now][key], values);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
