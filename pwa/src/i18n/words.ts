/** The app's words. Portuguese comes with the page, the other languages when they are wanted. */

import { pt, type Words } from './pt.ts';
import type { Language } from './text.ts';

export type { Key, Words } from './pt.ts';

/** By file: `./en.ts` has the words of `en`. */
const LATER = import.meta.glob<Words>(['./??.ts', '!./pt.ts'], { import: 'default' });

const loaded: Partial<Record<Language, Words>> = { 'pt-BR': pt };

/** The words of a language; Portuguese until they are loaded, and where they do not come. */
export function wordsOf(language: Language): Words {
  return loaded[language] ?? pt;
}

/** Resolves when the words of a language are there. Rejects where they do not come. */
export async function loadWords(language: Language): Promise<void> {
  const load = LATER[`./${language}.ts`];
  if (load) loaded[language] ??= await load();
}
