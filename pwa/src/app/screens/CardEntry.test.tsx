// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest';

import { enter, type SignInResult } from '../actions.ts';
import { canScan, scanCard } from '../scanner.ts';
import type { CardProblem } from '../state.ts';
import { CardEntry } from './CardEntry.tsx';
import { act, all, byId, find, press, show, words } from './shown.tsx';

vi.mock('../actions.ts');
vi.mock('../scanner.ts');
vi.mocked(canScan).mockResolvedValue(false);

const CARD = { classCode: 'ABCDE', cardCode: 'FGHJKMNPQR' };

function alert(): string {
  return find('[role=alert]')!.textContent;
}

test('an empty card cannot come in; keys write it, and erase', async () => {
  await show(<CardEntry />);
  expect(byId<HTMLButtonElement>('card-go')!.disabled).toBe(true);
  const [first] = all('.key');
  await press(first!);
  expect(byId<HTMLInputElement>('card-field')!.value).toBe(first!.textContent);
  await press(find('.key-erase'));
  expect(byId<HTMLInputElement>('card-field')!.value).toBe('');
});

test('a scanned card is there as a whole and takes no more letters', async () => {
  await show(<CardEntry scanned={CARD} />);
  expect(byId<HTMLInputElement>('card-field')!.value).toBe('ABCDEFGHJKMNPQR');
  expect(byId<HTMLButtonElement>('card-go')!.disabled).toBe(false);
  expect(all('.key:not(.key-erase)').every((key) => (key as HTMLButtonElement).disabled)).toBe(true);
});

const PROBLEMS: [CardProblem, string][] = [
  [{ kind: 'wrong' }, 'card_wrong'],
  [{ kind: 'class-ended' }, 'card_class_ended'],
  [{ kind: 'offline' }, 'card_offline'],
  [{ kind: 'too-many', seconds: 29.2 }, 'card_too_many'],
];

test.each(PROBLEMS)('%o is told in words, and gone with the next letter', async (problem, key) => {
  await show(<CardEntry scanned={CARD} first={problem} />);
  expect(alert()).toBe(words(key as Parameters<typeof words>[0], { n: 30 }));
  await press(find('.key-erase'));
  expect(alert()).toBe('');
});

test('while the door opens it says so and is asked once; what came instead is told', async () => {
  let answer: (result: SignInResult) => void = () => undefined;
  vi.mocked(enter).mockReturnValue(new Promise((resolve) => (answer = resolve)));
  await show(<CardEntry scanned={CARD} />);
  const submit = () => act(async () => find<HTMLFormElement>('form')!.requestSubmit());
  await submit();
  await submit();
  expect(alert()).toBe(words('card_busy'));
  expect(vi.mocked(enter).mock.calls).toEqual([[CARD.classCode, CARD.cardCode]]);
  await act(async () => answer({ kind: 'wrong' }));
  expect(alert()).toBe(words('card_wrong'));
});

test('where the browser can scan, the camera comes first; a card in the picture signs in', async () => {
  vi.mocked(canScan).mockResolvedValue(true);
  vi.mocked(scanCard).mockResolvedValueOnce(CARD);
  vi.mocked(enter).mockResolvedValue({ kind: 'wrong' });
  await show(<CardEntry />);
  await press(byId('scan'));
  expect(enter).toHaveBeenLastCalledWith(CARD.classCode, CARD.cardCode);
  expect(byId<HTMLInputElement>('card-field')!.value).toBe('ABCDEFGHJKMNPQR');
  expect(find('video')).toBeNull();
});

test('a camera that may not be used is told; the codes can be typed', async () => {
  vi.mocked(canScan).mockResolvedValue(true);
  vi.mocked(scanCard).mockRejectedValueOnce(new Error('not allowed'));
  await show(<CardEntry />);
  await press(byId('scan'));
  expect(find('.scanner [role=alert]')!.textContent).toBe(words('scan_refused'));
  expect(byId('card-field')).not.toBeNull();
});

test('without a scanner there is no camera to offer', async () => {
  vi.mocked(canScan).mockResolvedValue(false);
  await show(<CardEntry />);
  expect(byId('scan')).toBeNull();
});
