// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

import { App } from './App.tsx';
import { aStudent, byId, find, press, show, text, words } from './screens/shown.tsx';
import type { Screen } from './state.ts';
import { useTheUpdate } from './updates.ts';

vi.mock('./actions.ts');
vi.mock('./updates.ts');

const CHILD = { students: [aStudent()], currentId: 7 };

test('until the tablet is read it is waited for', async () => {
  await show(<App />);
  expect(text()).toContain(words('loading'));
});

test.each([{ name: 'home' }, { name: 'badges' }, { name: 'board' }] as Screen[])(
  'without a child %o is the choice of children',
  async (screen) => {
    await show(<App />, { screen });
    expect(byId('new-card')).not.toBeNull();
  },
);

test('the child’s settings are the page’s', async () => {
  const student = aStudent();
  student.settings = { ...student.settings, calm: true, bigText: true };
  await show(<App />, { screen: { name: 'home' }, students: [student], currentId: 7 });
  expect([...document.documentElement.classList].sort()).toEqual(['big', 'calm']);
  expect(find('main')!.querySelector('h1')!.textContent).toContain('Bright Fox');
});

test('an update is offered between games, in place of the offer to install', async () => {
  const both = { ...CHILD, updateReady: true, installBy: 'browser', hasPlayed: true } as const;
  await show(<App />, { ...both, screen: { name: 'home' } });
  expect(byId('install')).toBeNull();
  await press(byId('update'));
  expect(useTheUpdate).toHaveBeenCalled();
  await show(<App />, { ...both, updateReady: false, screen: { name: 'home' } });
  expect(byId('install')).not.toBeNull();
});
