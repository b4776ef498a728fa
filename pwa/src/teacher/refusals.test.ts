import { expect, test } from 'vitest';

import { CODES, reasonOf } from './refusals.ts';
import type { Translate } from './words/index.ts';

const [API] = Object.values(import.meta.glob<string>('../../../docs/api.md', { query: '?raw', import: 'default', eager: true }));
const documented = [...API!.matchAll(/^\| (4\d\d) \| `(\w+)` \|/gm)].map(([, status, code]) => ({ status, code: code! }));

/** What only tablets are told, and what the page does not read from CODES. */
const NOT_HERE = [
  'unauthorized', // the sign-in ended
  'token_revoked',
  'wrong_card',
  'device_mismatch',
  'leaderboard_off',
  'unknown_game',
  'too_many_offered',
  'too_many_sessions',
  'bad_cursor',
];

test('the page has words for each code with which the server refuses an adult', () => {
  const said = documented.filter(({ status, code }) => status !== '429' && !NOT_HERE.includes(code)).map(({ code }) => code);
  expect(said.length).toBeGreaterThan(30);
  expect(Object.keys(CODES).sort()).toEqual([...new Set(said)].sort());
});

const keys = ((key: string) => key) as unknown as Translate;

test.each([true, false])('a server that cannot answer is not taken for a lost connection, nor the other way round (%s)', (answered) => {
  expect(reasonOf({ kind: 'away', answered }, keys)).toBe(answered ? 'server_trouble' : 'away');
});
