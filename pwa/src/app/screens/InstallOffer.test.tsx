// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

import { dismissInstall, install } from '../install.ts';
import { InstallOffer } from './InstallOffer.tsx';
import { anItem, byId, press, show, words } from './shown.tsx';

vi.mock('../install.ts');

test.each([
  ['this browser cannot', { installBy: null, hasPlayed: true }],
  ['nobody has played yet', { installBy: 'browser', hasPlayed: false }],
  ['games wait in this browser', { installBy: 'browser', hasPlayed: true, items: [anItem()] }],
] as const)('there is no offer where %s', async (_, state) => {
  await show(<InstallOffer />, { ...state, items: 'items' in state ? [...state.items] : [] });
  expect(byId('install')).toBeNull();
});

test('a browser that asks by itself does so when told to', async () => {
  await show(<InstallOffer />, { installBy: 'browser', hasPlayed: true });
  expect(byId('install')!.textContent).toContain(words('install_ask'));
  await press(byId('install-yes'));
  expect(install).toHaveBeenCalled();
});

test('where a person has to do it, that is explained, and can be put off', async () => {
  await show(<InstallOffer />, { installBy: 'hand', hasPlayed: true });
  expect(byId('install')!.textContent).toContain(words('install_ios'));
  expect(byId('install-yes')).toBeNull();
  await press(byId('install-no'));
  expect(dismissInstall).toHaveBeenCalled();
});
