import { expect, test } from 'vitest';

import * as limits from './limits.ts';

const PYTHON = import.meta.glob<string>(
  [
    '../../../neuroplay/core/rules/{nickname_text,class_name,passkeys,roster}.py',
    '../../../neuroplay/core/use_cases/{class_life,replay_sync}.py',
    '../../../neuroplay/core/entities/retention.py',
  ],
  { query: '?raw', import: 'default', eager: true },
);
const SERVER = Object.values(PYTHON).join('\n');

function ofServer(names: string): number[] {
  const found = new RegExp(`^${names} = ([\\d_, ]+)$`, 'm').exec(SERVER)?.[1];
  return (found ?? '').split(',').map((number) => Number(number.replaceAll('_', '')));
}

test.each([
  ['LONGEST_NICKNAME', [limits.LONGEST_NICKNAME]],
  ['LONGEST_CLASS_NAME', [limits.LONGEST_CLASS_NAME]],
  ['LARGEST_CLASS', [limits.LARGEST_CLASS]],
  ['LONGEST_PASSKEY_NAME', [limits.LONGEST_PASSKEY_NAME]],
  ['MOST_PASSKEYS', [limits.MOST_PASSKEYS]],
  ['LONGEST_REASON', [limits.LONGEST_REASON]],
  ['FEWEST_DAY_MINUTES', [limits.DAY_MINUTES.least]],
  ['MOST_DAY_MINUTES', [limits.DAY_MINUTES.most]],
  ['LONGEST_DAYS', [limits.KEPT_DAYS.most]],
  ['FEWEST_MONTHS, MOST_MONTHS', [limits.KEPT_MONTHS.least, limits.KEPT_MONTHS.most]],
])('the page’s %s are the server’s', (names, own) => {
  expect(own).toEqual(ofServer(names));
});
