import { globSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { buildTarget, oldestBrowsers } from './engines.ts';
import { tooNewInSource, tooNewInStyle } from './support.ts';

/** Allowed: a browser without it is served as well. */
const STYLES: Record<string, string> = {
  dvh: 'the same in vh stands before each',
  '-webkit-tap-highlight-color': 'looks only',
  'text-wrap': 'looks only',
  ':focus-visible': 'the browser then draws its own focus',
  'user-select': 'the build adds -webkit-user-select',
  'forced-color-adjust': 'a browser without it has no forced colours, or leaves pictures as they are',
  'backface-visibility': '-webkit-backface-visibility stands beside it',
  '@page': 'then prints with the margins of the browser',
  resize: 'then a field of text keeps its height',
  '@property': 'the ring of the door for adults then fills at once',
};

/** Allowed: the code checks for it first. */
const SOURCES: Record<string, string> = {
  'Navigator.storage': '?.',
  'Navigator.userActivation': '?.',
  'Navigator.locks': 'then a game may be sent twice, and counts once',
  'WorkerNavigator.locks': 'the same',
  'PublicKeyCredential.isConditionalMediationAvailable': '?., and then the button alone offers passkeys',
  'HTMLElement.inert': 'then the game behind the pause can be focused, but takes no answer',
  BroadcastChannel: 'then pages look when they come into sight',
};

test('the styles use nothing that the oldest browsers would miss', () => {
  const found = tooNewInStyle(globSync('src/**/*.css'));
  expect(Object.fromEntries([...found].filter(([name]) => !(name in STYLES)))).toEqual({});
  expect([...found.keys()].sort()).toEqual(Object.keys(STYLES).sort());
});

test('each dvh has its vh', () => {
  for (const file of globSync('src/**/*.css')) {
    const css = readFileSync(file, 'utf8');
    for (const [whole, property, value] of css.matchAll(/([\w-]+): (\d+)dvh;/g)) {
      expect(css).toMatch(new RegExp(`${property}: ${value}vh;\\s*${whole}`));
    }
  }
});

test('the sources use nothing that the oldest browsers lack, unless they ask first', () => {
  const found = new Map([...tooNewInSource('tsconfig.page.json'), ...tooNewInSource('tsconfig.worker.json')]);
  expect(Object.fromEntries([...found].filter(([name]) => !(name in SOURCES)))).toEqual({});
  expect([...found.keys()].sort()).toEqual(Object.keys(SOURCES).sort());
});

test('the build target and the words for people say what .browserslistrc says', () => {
  expect(buildTarget().sort()).toEqual(['chrome92', 'edge92', 'firefox102', 'ios15', 'safari15']);
  const words = readFileSync('../docs/browsers.md', 'utf8');
  const names: Record<string, string> = {
    chrome: 'Chrome',
    edge: 'Edge',
    samsung: 'Samsung Internet',
    firefox: 'Firefox',
    safari: 'Safari',
    ios_saf: 'iOS and iPadOS',
  };
  for (const [family, version] of oldestBrowsers()) expect(words).toContain(`${names[family]} ${version}`);
});
