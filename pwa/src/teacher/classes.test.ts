import { expect, test } from 'vitest';

import { write } from '../i18n/text.ts';
import { namesOf, othersOf } from './classes.ts';
import en from './words/en.ts';
import type { Translate } from './words/index.ts';

const t = Object.assign((key: keyof typeof en, values = {}) => write('en', en[key], values), { tag: 'en' }) as unknown as Translate;

const named = (...names: string[]) => names.map((name, index) => ({ id: index + 1, name, code: '', students: 1 }));

test('a few classes are named in the order of people, and of many the first ones', () => {
  expect(namesOf([], t)).toBe('Your classes: –');
  expect(namesOf(named('10A', '3B', '3A'), t)).toBe('Your classes: 3A, 3B, 10A');
  const forty = named(...Array.from({ length: 40 }, (_, index) => `Class ${index + 1}`));
  expect(namesOf(forty, t)).toBe('Your classes: Class 1, Class 2, Class 3, Class 4, Class 5, Class 6 and 34 more');
});

test('one goes to another class whose year has not ended', () => {
  const [own, other, ended] = named('3A', '10A', '4A');
  const ids = othersOf([own!, other!, { ...ended!, archived: true }], own!.id, 'en').map(({ id }) => id);
  expect(ids).toEqual([other!.id]);
});
