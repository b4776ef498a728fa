// @vitest-environment happy-dom
import { expect, test } from 'vitest';

import { momentOf } from '../../i18n/index.ts';
import { SafeGames } from './SafeGames.tsx';
import { aMe, anItem, aStudent, byId, show, words } from './shown.tsx';

function said(): string {
  return byId('safe')!.textContent;
}

test('with nothing left on the tablet all is at school', async () => {
  await show(<SafeGames student={aStudent()} items={[]} />);
  expect(said()).toBe(words('safe_sent'));
});

test('games on the tablet are counted, and the card is asked for where the token ended', async () => {
  const items = [anItem(), anItem({ sessionId: 'b' })];
  await show(<SafeGames student={aStudent()} items={items} />);
  expect(byId('safe')!.dataset.here).toBe('2');
  expect(said()).toBe(words('safe_here', { n: 2 }));
  await show(<SafeGames student={aStudent({ access: 'expired' })} items={items} />);
  expect(said()).toBe(`${words('safe_here', { n: 2 })} · ${words('safe_card')}`);
});

test('held games, no network and old progress are told of side by side', async () => {
  const me = aMe({ sessions: { processed: 0, pending: 0, held: 1 } });
  const meAt = Date.UTC(2026, 0, 5, 12);
  await show(<SafeGames student={aStudent({ me, meAt })} items={[]} />, { online: false, progressIsOld: true });
  const parts = [words('safe_held', { n: 1 }), words('safe_offline'), words('safe_as_of', { when: momentOf(meAt) })];
  expect(said()).toBe([words('safe_sent'), ...parts].join(' · '));
});

test('a game that is in memory alone comes before a storage that is away', async () => {
  await show(<SafeGames student={aStudent()} items={[]} />, { unsaved: 1, storageAway: true });
  expect(byId('unsaved')!.textContent).toBe(words('result_unsaved'));
  await show(<SafeGames student={aStudent()} items={[]} />, { storageAway: true });
  expect(byId('unsaved')!.textContent).toBe(words('storage_away'));
});
