import { expect, test } from 'vitest';

import { ago, durationOf } from './when.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const MINUTE = 60_000;

test.each([
  [0, null],
  [59_000, null],
  [-5 * MINUTE, null],
  [5 * MINUTE, '5 minutes ago'],
  [59.9 * MINUTE, '59 minutes ago'],
  [60 * MINUTE, '1 hour ago'],
  [47 * 60 * MINUTE, '1 day ago'],
  [29 * 24 * 60 * MINUTE, '29 days ago'],
])('%d ms ago is %s', (past, words) => {
  expect(ago(NOW - past, NOW, 'en')).toBe(words);
});

test('what is to come, since a clock was ahead, is told as it is', () => {
  expect(ago(NOW + 3 * 24 * 60 * MINUTE, NOW, 'en')).toMatch(/Dec 1, 2026, \d/);
});

test('after a month it is a date, in the page’s language', () => {
  expect(ago(NOW - 40 * 24 * 60 * MINUTE, NOW, 'pt-BR')).toMatch(/out.* 2026/);
  expect(ago(NOW - 5 * MINUTE, NOW, 'pt-BR')).toBe('há 5 minutos');
  expect(ago(NOW - 5 * MINUTE, NOW, 'es')).toBe('hace 5 minutos');
});

test.each([
  [0, '0 s'],
  [59.6, '1 min'],
  [90, '1 min 30 s'],
  [600, '10 min'],
])('%d seconds of play are told as %s', (seconds, told) => {
  expect(durationOf(seconds, 'pt-BR').replace(/\u00a0/g, ' ')).toBe(told);
});
