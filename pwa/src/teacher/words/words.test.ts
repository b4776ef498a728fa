import { expect, test } from 'vitest';

import type { Text } from '../../i18n/text.ts';
import { DOUBTS, FAULTS } from '../roster_words.ts';
import en from './en.ts';
import es from './es.ts';
import pt from './pt.ts';

const LANGUAGES = { en, es, pt };
const HELP = Object.entries(import.meta.glob<string>('../../../../docs/teachers.*.md', { query: '?raw', import: 'default', eager: true }));
const RULES = import.meta.glob<string>('../../../../neuroplay/core/rules/{plausibility,neighbours}.py', { query: '?raw', import: 'default', eager: true });
const ROSTER_CODES = import.meta.glob<string>(['../../../../neuroplay/core/errors.py', '../../../../neuroplay/core/entities/roster.py'], { query: '?raw', import: 'default', eager: true });
const TEXTS = Object.entries(LANGUAGES).flatMap(([id, words]) => Object.entries(words).map(([key, text]) => [`${id}.${key}`, key, text] as const));
const forms = (text: Text) => (typeof text === 'string' ? [text] : [text.one, text.other]);
const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test.each(Object.entries(LANGUAGES))('%s has the reference’s keys', (_, words) => {
  expect(Object.keys(words)).toEqual(Object.keys(en));
});

test('each text has the reference’s values', () => {
  for (const [name, key, text] of TEXTS) {
    const [reference] = forms(en[key as keyof typeof en]);
    for (const form of forms(text)) {
      expect(form.trim(), name).not.toBe('');
      expect(places(form), name).toEqual(places(reference!));
    }
  }
});

/** What games do for children outside of games is disputed. */
const CLAIMS = /intelig|intellig|\bIQ\b|\bQI\b|\bCI\b|brain|c[ée]rebro|smarter|mais esperto|más listo/i;

test('nothing claims what science disputes', () => {
  expect(TEXTS.filter(([, , text]) => forms(text).some((form) => CLAIMS.test(form)))).toEqual([]);
  expect(HELP.filter(([, text]) => CLAIMS.test(text))).toEqual([]);
});

test.each([
  ['RosterFault', FAULTS],
  ['RosterDoubt', DOUBTS],
])('each %s of a list has words', (name, own) => {
  const source = Object.values(ROSTER_CODES).join('').split(`class ${name}(`)[1]!.split('\nclass ')[0]!;
  const codes = [...source.matchAll(/^ {4}[A-Z_]+ = "(\w+)"$/gm)].map(([, code]) => code);
  expect([...own]).toEqual(codes);
});

test('each screen’s help is there, in each language', () => {
  const asked = ['first-day', 'overview', 'class', 'child', 'tablets', 'held', 'cards', 'roster', 'change', 'settings', 'sign-in', 'account'];
  expect(HELP).toHaveLength(3);
  for (const [file, text] of HELP) {
    expect([...text.matchAll(/<a id="([\w-]+)">/g)].map(([, id]) => id), file).toEqual(asked);
  }
});

const APP = import.meta.glob<Record<string, string>>('../../i18n/{en,pt,es}.ts', { import: 'default', eager: true });

test.each(Object.entries(LANGUAGES))('a card names its codes as the app does, where they are typed (%s)', (id, words) => {
  const app = APP[`../../i18n/${id}.ts`]!;
  expect([words.card_class, words.card_own]).toEqual([app.card_class, app.card_own]);
});

test('the reasons for holding a game are those that the server has', () => {
  const rules = Object.values(RULES).join('');
  const codes = [...rules.matchAll(/(?:append\(|SEED_PLAYED_BEFORE = )"(\w+)"/g)].map(([, code]) => `reason_${code}`);
  expect(Object.keys(en).filter((key) => key.startsWith('reason_')).sort()).toEqual([...new Set(codes)].sort());
});
