/** docs/adaptation.md and its picture show what the games do today. `npm run adaptation` writes both. */

import { expect, it } from 'vitest';

import page from '../../../../docs/adaptation.md?raw';
import { pictureOf } from './picture.ts';
import { NAMES, settledAt, studies, tableOf, type Course } from './study.ts';

const all = studies();

it('has the table in the docs', async () => {
  const now = page.replace(/\| game \| target \|[^]*?\n(?=\n)/, () => `${tableOf(all)}\n`);
  expect(now).toContain(tableOf(all));
  await expect(now).toMatchFileSnapshot('../../../../docs/adaptation.md');
});

it('has the picture in the docs', async () => {
  await expect(pictureOf(all)).toMatchFileSnapshot('../../../../docs/images/adaptation.svg');
});

it.each(all)('$id gives every child 75 to 85 % right from the third round on, at a level of its own', ({ courses, levels }) => {
  for (const name of NAMES) {
    expect(settledAt(courses[name], levels), name).toBeLessThanOrEqual(3);
    for (const share of courses[name].shares.slice(2)) {
      expect(share, name).toBeGreaterThan(0.75);
      expect(share, name).toBeLessThan(0.85);
    }
  }
  const last = ({ levels }: Course) => levels.at(-1)!;
  expect(last(courses.weak)).toBeLessThan(last(courses.middling));
  expect(last(courses.middling)).toBeLessThan(last(courses.strong));
});
