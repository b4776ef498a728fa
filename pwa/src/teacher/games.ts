/** What the games practise, from the catalogue that the app and the server read. */

import { games, skills } from '../../../neuroplay/core/game_catalogue.json';
import type { Language } from '../i18n/text.ts';

/** The levels' range if the server names a game that this page does not know yet. */
const SOME_LEVELS: readonly [number, number] = [0, 20];

const found = (id: string) => games.find((one) => one.id === id);

export const gameName = (id: string, tag: Language): string => found(id)?.names[tag] ?? id;

export function skillName(id: string, tag: Language): string | null {
  const skill = found(id)?.skill as keyof typeof skills | undefined;
  return skill ? skills[skill][tag] : null;
}

export const levelsOf = (id: string): readonly [number, number] => (found(id)?.levels as [number, number] | undefined) ?? SOME_LEVELS;
