/** The app's words in every language. */

import { en } from './en.ts';
import { es } from './es.ts';
import { pt, type Words } from './pt.ts';
import type { Language } from './text.ts';

export type { Key } from './pt.ts';

export const WORDS: Record<Language, Words> = { 'pt-BR': pt, en, es };
