/** The app's texts. Portuguese is part of the first page; other languages load on demand. */

import { pt, type Words } from './pt.ts';
import type { Language } from './text.ts';

export type { Key, Words } from './pt.ts';

/** Loaders by file name: `./en.ts` has the texts of `en`. */
const LATER = import.meta.glob<Words>(['./??.ts', '!./pt.ts'], { import: 'default' });

const loaded: Partial<Record<Language, Words>> = { 'pt-BR': pt };

/** The texts of a language; Portuguese until they have loaded, or if they cannot be loaded. */
export function wordsOf(language: Language): Words {
  return loaded[language] ?? pt;
}

/** Resolves when the texts of a language have loaded; rejects if they cannot be loaded. */
export async function loadWords(language: Language): Promise<void> {
  const load = LATER[`./${language}.ts`];
  if (load) loaded[language] ??= await load();
}
