import { expect, test } from 'vitest';

import { addressOf, CLASS_TABS, placeOf, type Place } from './place.ts';

const PLACES = [
  { name: 'overview' },
  { name: 'account' },
  { name: 'help' },
  ...CLASS_TABS.map((name) => ({ name, classId: 12 })),
  { name: 'child', studentId: 7 },
  { name: 'change', studentId: 7 },
] as Exclude<Place, { name: 'join' }>[];

test.each(PLACES)('%o has an address that leads back to it', (place) => {
  expect(placeOf(addressOf(place), '')).toEqual(place);
  expect(placeOf(`${addressOf(place)}/`, '')).toEqual(place);
});

test.each(['/teacher/class', '/teacher/class/x', '/teacher/class/1/nothing', '/teacher/child/1/x', '/teacher/help/3', '/teacher/a/b/c/d', '/teachers'])(
  '%s is no place',
  (path) => {
    expect(placeOf(path, '')).toEqual({ name: 'unknown' });
  },
);

test('the token of a link is in the hash, which browsers send to nobody', () => {
  expect(placeOf('/teacher', '#join=a%2Bb')).toEqual({ name: 'join', token: 'a+b' });
  expect(placeOf('/teacher', '#join=%E0%A4')).toEqual({ name: 'join', token: '%E0%A4' });
});
