// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { deviceId, dropCheckpoint } from '../outbox/store.ts';
import { letGo } from '../session/checkpoint.ts';
import type { Recording } from '../session/record.ts';
import { abandon, enter } from './actions.ts';
import * as server from './server.ts';
import { appState, setState } from './state.ts';

vi.mock(import('../outbox/store.ts'), async (real) => ({ ...(await real()), deviceId: vi.fn(), dropCheckpoint: vi.fn() }));
vi.mock('./server.ts');
vi.mock('../session/checkpoint.ts');

const RECORDING = { sessionId: 's', gameType: 'cyber_runner' } as Recording;

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  setState({ screen: { name: 'game', gameType: 'cyber_runner', round: 1 } });
});
afterEach(() => vi.useRealTimers());

test('a round that is left keeps the screen until its checkpoint is gone', async () => {
  let dropped: () => void = () => undefined;
  vi.mocked(dropCheckpoint).mockReturnValue(new Promise((resolve) => (dropped = resolve)));
  const left = abandon(RECORDING);
  await vi.advanceTimersByTimeAsync(100);
  // At home, an update that waits would reload the page now, and the round would be resumed.
  expect(appState().screen.name).toBe('game');
  expect(letGo).not.toHaveBeenCalled();
  dropped();
  await left;
  expect(dropCheckpoint).toHaveBeenCalledWith('s');
  expect(letGo).toHaveBeenCalledWith('s');
  expect(appState().screen).toEqual({ name: 'home' });
});

test('a disk that hangs does not keep the child in a round that is left', async () => {
  vi.mocked(dropCheckpoint).mockReturnValue(new Promise(() => undefined));
  const left = abandon(RECORDING);
  await vi.advanceTimersByTimeAsync(2_500);
  await left;
  expect(appState().screen).toEqual({ name: 'home' });
});

test('a child who has gone on meanwhile stays there', async () => {
  vi.mocked(dropCheckpoint).mockImplementation(() => {
    setState({ screen: { name: 'who' } });
    return Promise.resolve();
  });
  await abandon(RECORDING);
  expect(appState().screen).toEqual({ name: 'who' });
});

test('the card of a class that has ended is told from a wrong one', async () => {
  vi.mocked(deviceId).mockResolvedValue('d');
  const refused = (because?: string) => {
    vi.mocked(server.signIn).mockResolvedValue({
      kind: 'refused',
      problem: { code: 'wrong_card', detail: '', studentId: null, ...(because && { because }) },
      retryAfterS: 0,
    });
    return enter('A1B2C', '0123456789');
  };
  expect(await refused()).toEqual({ kind: 'wrong' });
  expect(await refused('something newer')).toEqual({ kind: 'wrong' });
  expect(await refused('class_archived')).toEqual({ kind: 'class-ended' });
});
