import { describe, expect, it } from 'vitest';

import { LANGUAGES } from '../i18n/text.ts';
import { BADGE_ART } from '../ui/art/Badge.tsx';
import { loadWords } from '../i18n/words.ts';
import { BADGES, badgeWords } from './achievements.ts';

describe('badges', () => {
  it('have a drawing each, and no drawing is without a badge', () => {
    expect(Object.keys(BADGE_ART).sort()).toEqual([...BADGES].sort());
  });

  it('are shown plainly where this build does not know them', async () => {
    await Promise.all(LANGUAGES.map(({ id }) => loadWords(id)));
    for (const id of ['from_a_later_release', '', 'toString', '__proto__', 'constructor'])
      expect(badgeWords('en', id)).toEqual({ name: 'Surprise badge', how: 'Update NeuroPlay to see what it is' });
  });

  it('have a name and a way to earn them in every language', () => {
    for (const { id: language } of LANGUAGES)
      for (const id of BADGES) expect(badgeWords(language, id).name).not.toBe(badgeWords(language, '?').name);
  });
});
