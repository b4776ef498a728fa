// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Key } from '../../i18n/index.ts';
import type { OutboxItem, TroubleKind } from '../../outbox/store.ts';
import { changeSettings, signOut } from '../actions.ts';
import { saveToFile } from '../save_to_file.ts';
import { sendNow } from '../sending.ts';
import { appState, type AppState } from '../state.ts';
import { Adults } from './Adults.tsx';
import { act, all, anItem, aStudent, byId, find, press, show, text, words } from './shown.tsx';

vi.mock('../actions.ts');
vi.mock('../save_to_file.ts');
vi.mock('../sending.ts');

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function hold(milliseconds: number): Promise<void> {
  const key = (type: string) => new KeyboardEvent(type, { key: 'Enter', bubbles: true });
  await act(async () => byId('hold')!.dispatchEvent(key('keydown')));
  await act(() => vi.advanceTimersByTimeAsync(milliseconds));
  await act(async () => byId('hold')?.dispatchEvent(key('keyup')));
}

async function inside(state: Partial<AppState> = {}, student = aStudent()): Promise<void> {
  await show(<Adults student={student} />, { students: [student], currentId: student.id, ...state });
  await hold(3_000);
}

test('the door opens to who holds it for three seconds, and to nobody else', async () => {
  await show(<Adults student={aStudent()} />);
  await hold(2_900);
  await act(() => vi.advanceTimersByTimeAsync(10_000));
  expect(byId('send-now')).toBeNull();
  await hold(3_000);
  expect(byId('send-now')).not.toBeNull();
});

test('back leads to the child, or to the choice of children where nobody plays', async () => {
  await show(<Adults student={undefined} />);
  await press(find('header button, .top-bar button, button'));
  expect(appState().screen).toEqual({ name: 'who' });
});

test('where nothing waits that is said, and signing out asks first', async () => {
  await inside();
  expect(text()).toContain(words('adults_none'));
  await press(byId('sign-out'));
  expect(find('[role=alertdialog]')!.textContent).toContain(words('adults_sign_out_sure'));
  await press(all('[role=alertdialog] button')[1]!);
  expect(find('[role=alertdialog]')).toBeNull();
  expect(signOut).not.toHaveBeenCalled();
  await press(byId('sign-out'));
  await press(byId('sign-out-yes'));
  expect(signOut).toHaveBeenCalled();
});

test('games that would stay are counted before one signs out', async () => {
  await inside({ items: [anItem()] });
  await press(byId('sign-out'));
  expect(find('[role=alertdialog]')!.textContent).toContain(words('adults_sign_out_kept', { n: 1 }));
});

const KINDS: [TroubleKind | 'of a later release', Key][] = [
  ['away', 'wait_away'],
  ['stranger', 'wait_stranger'],
  ['busy', 'wait_busy'],
  ['broken', 'wait_broken'],
  ['card', 'wait_card'],
  ['of a later release', 'wait_broken'],
];

test.each(KINDS)('a game that waits because of %s says so', async (kind, key) => {
  await inside({ items: [anItem()], troubles: [{ studentId: 7, kind: kind as TroubleKind, at: Date.now() }] });
  expect(byId('waiting')!.textContent).toContain(words(key));
});

test('a game that was put here after the last trouble waits for its turn', async () => {
  const troubles = [{ studentId: 7, kind: 'away' as const, at: 1 }];
  await inside({ items: [anItem()], troubles });
  expect(byId('waiting')!.textContent).toContain(words('wait_turn'));
});

test.each([
  [{ code: 'too_large', message: 'It is too large.' }, 'It is too large.'],
  [{ code: 'of_a_later_release', message: '' }, 'of_a_later_release'],
  [{ code: 'conflict', message: 'x' }, words('parked_conflict')],
] as [OutboxItem['parked'], string][])('what the server would not take is told with its reason: %o', async (parked, reason) => {
  await inside({ items: [anItem({ parked })] });
  expect(byId('waiting')!.textContent).toContain(words('adults_parked', { reason }));
  expect(find('[data-why]')!.dataset.why).toBe(parked!.code);
});

test('games of a child who signed out are shown as such', async () => {
  const gone = aStudent({ id: 8, nickname: 'Calm Owl', access: 'signed-out' });
  await inside({ students: [aStudent(), gone], items: [anItem({ studentId: 8 })] });
  expect(byId('waiting-7')).toBeNull();
  expect(byId('waiting-8')!.textContent).toContain(words('adults_left'));
});

type Report = Awaited<ReturnType<typeof sendNow>>;

test.each([
  [{ again: false, delivered: [anItem()] } as unknown as Report, words('adults_sent', { n: 1 })],
  [{ again: true, delivered: [] } as unknown as Report, words('adults_not_sent')],
  [null, words('adults_not_sent')],
])('an adult sends at once, and is told what came of it', async (report, said) => {
  vi.mocked(sendNow).mockResolvedValue(report);
  await inside({ items: [anItem()] });
  await press(byId('send-now'));
  expect(sendNow).toHaveBeenLastCalledWith('by-hand');
  expect(byId('said')!.textContent).toBe(said);
});

test('games are saved to a file, or it is told that this browser cannot', async () => {
  vi.mocked(saveToFile).mockResolvedValueOnce('fox.json').mockRejectedValueOnce(new Error('no crypto'));
  await inside({ items: [anItem()] });
  await press(byId('save-7'));
  expect(byId('said')!.textContent).toBe(words('adults_saved', { file: 'fox.json' }));
  await press(byId('save-7'));
  expect(byId('said')!.textContent).toBe(words('adults_not_saved'));
});

test('the switches are the child’s own; without a child there are languages alone', async () => {
  await inside();
  const switches = all('[role=switch]');
  expect(switches.map((one) => one.getAttribute('aria-checked'))).toEqual(['true', 'true', 'false', 'true', 'false', 'false']);
  await press(switches[2]!);
  expect(changeSettings).toHaveBeenLastCalledWith({ bigText: true });
  await show(<Adults student={undefined} />);
  await hold(3_000);
  expect(all('[role=switch]')).toEqual([]);
  expect(byId<HTMLInputElement>('language-en')!.checked).toBe(true);
  expect(byId('sign-out')).toBeNull();
});
