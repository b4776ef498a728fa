/** docs/adaptation.md and its picture show what the games do today. `npm run adaptation` writes both. */

import { expect, it } from 'vitest';

import page from '../../../../docs/adaptation.md?raw';
import { pictureOf } from './picture.ts';
import { NAMES, studies, tableOf, type Course } from './study.ts';

const all = studies();

it('has the table in the docs', async () => {
  const now = page.replace(/\| game \| target \|[^]*?\n(?=\n)/, () => `${tableOf(all)}\n`);
  expect(now).toContain(tableOf(all));
  await expect(now).toMatchFileSnapshot('../../../../docs/adaptation.md');
});

it('has the picture in the docs', async () => {
  await expect(pictureOf(all)).toMatchFileSnapshot('../../../../docs/images/adaptation.svg');
});

it.each(all)('$id brings every child near its target by the third round, at a level of its own', ({ id, target, courses }) => {
  for (const name of NAMES) expect(Math.abs(courses[name].shares[2]! - target)).toBeLessThan(0.08);
  // In Lantern Run, from then on and for each of them.
  if (id === 'cyber_runner') {
    for (const share of NAMES.flatMap((name) => courses[name].shares.slice(2))) {
      expect(share).toBeGreaterThan(0.75);
      expect(share).toBeLessThan(0.85);
    }
  }
  const last = ({ levels }: Course) => levels.at(-1)!;
  expect(last(courses.weak)).toBeLessThan(last(courses.middling));
  expect(last(courses.middling)).toBeLessThan(last(courses.strong));
});
