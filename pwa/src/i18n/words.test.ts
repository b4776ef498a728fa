import { describe, expect, it } from 'vitest';

import { LANGUAGES, write, type Language } from './text.ts';
import { loadWords, wordsOf, type Key, type Words } from './words.ts';

await Promise.all(LANGUAGES.map(({ id }) => loadWords(id)));
const WORDS = Object.fromEntries(LANGUAGES.map(({ id }) => [id, wordsOf(id)])) as Record<Language, Words>;

const KEYS = Object.keys(WORDS['pt-BR']) as Key[];
const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const forms = (text: (typeof WORDS)['en'][Key]) => (typeof text === 'string' ? [text] : [text.one, text.other]);

describe('words', () => {
  it('have the same keys and the same places for values in every language', () => {
    for (const { id } of LANGUAGES) {
      expect(Object.keys(WORDS[id]).sort()).toEqual([...KEYS].sort());
      for (const key of KEYS) {
        const [first, ...rest] = forms(WORDS[id][key]).map(places);
        expect(first, `${id} ${key}`).toEqual(places(forms(WORDS['pt-BR'][key])[0] ?? ''));
        for (const other of rest) expect(other, `${id} ${key}`).toEqual(first);
      }
    }
  });

  it.each([
    ['pt-BR', 1, '1 partida guardada neste tablet'],
    ['pt-BR', 0, '0 partidas guardadas neste tablet'],
    ['pt-BR', 2, '2 partidas guardadas neste tablet'],
    ['pt-BR', 1_000_000, '1.000.000 partidas guardadas neste tablet'],
    ['en', 1, '1 game safe on this tablet'],
    ['en', 0, '0 games safe on this tablet'],
    ['es', 1, '1 partida guardada en esta tableta'],
    ['es', 1_000_000, '1.000.000 partidas guardadas en esta tableta'],
  ] as const)('go by the number: %s, %i', (tag, n, expected) => {
    expect(write(tag, WORDS[tag].safe_here, { n })).toBe(expected);
  });

  it('end a sentence once, also after a name that ends in a dot', () => {
    expect(write('en', '{name} is in {to}.', { name: 'Ana S.', to: 'B.' })).toBe('Ana S. is in B.');
    expect(write('en', '{name}.', { name: 'Ana' })).toBe('Ana.');
    expect(write('en', 'Wait {n}.', { n: 3 })).toBe('Wait 3.');
  });

  it('never put a number beside a word of one form alone that it can disagree with', () => {
    // Texts with {n} and a single form: those in which the number counts nothing.
    const single = KEYS.filter((key) => typeof WORDS.en[key] === 'string' && places(WORDS.en[key]).includes('n'));
    expect(single.sort()).toEqual(['badges_so_far', 'before_level', 'board_best', 'board_raised', 'home_level', 'home_xp', 'result_xp', 'stars']);
  });
});
