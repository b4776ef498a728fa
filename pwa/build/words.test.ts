import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import table from '../../neuroplay/core/game_catalogue.json' with { type: 'json' };
import { withBootWords, withNoScript } from './words.ts';

test('a page that does not start says so in each language, the first one first', async () => {
  const boot = await withBootWords(readFileSync('public/boot.js', 'utf8'));
  const words = JSON.parse(/var WORDS = (\{.+\});/.exec(boot)?.[1] ?? '') as Record<string, string[]>;
  expect(Object.keys(words)).toEqual(Object.keys(table.languages));
  for (const [language, texts] of Object.entries(words)) {
    expect(texts.map((text) => text.length > 0), language).toEqual([true, true]);
  }
});

test('a browser without JavaScript is told so in each language', async () => {
  const page = await withNoScript(readFileSync('index.html', 'utf8'));
  const told = /<noscript>(.+)<\/noscript>/.exec(page)?.[1] ?? '';
  expect(told.match(/JavaScript/g)).toHaveLength(Object.keys(table.languages).length);
});

test('a place for words that is not there is an error of the build', async () => {
  await expect(withBootWords('')).rejects.toThrow('boot.js');
  await expect(withNoScript('')).rejects.toThrow('index.html');
});
