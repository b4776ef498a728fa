// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest';

import { loadGame } from '../../games/index.ts';
import type { FinishedRound, GameOptions } from '../../games/types.ts';
import type { Checkpoint } from '../../outbox/store.ts';
import { handIn, hold, keepCheckpoints, letGo } from '../../session/checkpoint.ts';
import { beginRecording, goOnRecording, type Recording } from '../../session/record.ts';
import { abandon, finish } from '../actions.ts';
import { onBackInAGame } from '../navigation.ts';
import { refresh, sendNow } from '../sending.ts';
import { appState } from '../state.ts';
import { reportMissingPart } from '../updates.ts';
import { Game } from './Game.tsx';
import { aStudent, find, press, show, words } from './shown.tsx';

vi.mock('../actions.ts');
vi.mock('../sending.ts');
vi.mock('../updates.ts');
vi.mock('../../games/index.ts');
vi.mock('../../session/checkpoint.ts');
vi.mock('../../session/record.ts');
vi.mock(import('../navigation.ts'), async (real) => ({ ...(await real()), onBackInAGame: vi.fn() }));

beforeEach(() => vi.clearAllMocks());

const CHILD = { students: [aStudent()], currentId: 7 };
type Module = Awaited<ReturnType<typeof loadGame>>;

test('until the game is there it is waited for', async () => {
  vi.mocked(loadGame).mockReturnValue(new Promise(() => undefined));
  await show(<Game gameType="cyber_runner" />, CHILD);
  expect(find('[role=status]')!.textContent).toBe(words('loading'));
});

test('the game gets the place, with the settings of the child', async () => {
  const mount = vi.fn((place: HTMLElement) => {
    place.textContent = 'the game';
    return { pause: vi.fn(), save: () => null, destroy: vi.fn() };
  });
  vi.mocked(loadGame).mockResolvedValue({ version: '1', mount } as unknown as Module);
  await show(<Game gameType="cyber_runner" />, CHILD);
  expect(find('.game-host')!.textContent).toBe('the game');
  expect(find('[role=status]')).toBeNull();
  const given = { difficulty: 0, sound: true, reducedMotion: true, resume: undefined };
  expect(mount).toHaveBeenCalledWith(find('.game-host'), expect.objectContaining(given));
});

test('a game that does not come leads home', async () => {
  vi.mocked(loadGame).mockRejectedValue(new Error('cut'));
  await show(<Game gameType="cyber_runner" />, CHILD);
  expect(find('[role=alert]')!.textContent).toContain(words('game_failed'));
  expect(reportMissingPart).toHaveBeenCalled();
  await press(find('[role=alert] button'));
  expect(appState().screen).toEqual({ name: 'home' });
});

const RECORDING = { sessionId: 's', gameType: 'cyber_runner' };
const CHECKPOINT = {
  ...{ sessionId: 's', studentId: 7, gameType: 'cyber_runner', elapsedMs: 5_000 },
  saved: { version: '1', steps: 300 },
} as unknown as Checkpoint;

/** A game of version 1, and the options with which it was mounted. */
function aGame() {
  const running = { pause: vi.fn(), resume: vi.fn(), save: () => null, destroy: vi.fn() };
  const mount = vi.fn<(place: HTMLElement, options: GameOptions) => typeof running>(() => running);
  vi.mocked(loadGame).mockResolvedValue({ version: '1', mount } as unknown as Module);
  return { running, mount, given: () => mount.mock.calls[0]![1] };
}

/** Render a round. `stop` is what ends its checkpoints. */
async function playing(resume?: Checkpoint) {
  const game = aGame();
  const stop = vi.fn();
  vi.mocked(beginRecording).mockReturnValue(RECORDING as Recording);
  vi.mocked(goOnRecording).mockReturnValue(RECORDING as Recording);
  vi.mocked(keepCheckpoints).mockReturnValue(stop);
  vi.mocked(handIn).mockResolvedValue(undefined);
  vi.mocked(refresh).mockResolvedValue(undefined);
  await show(<Game gameType="cyber_runner" resume={resume} />, { ...CHILD, screen: { name: 'who' } });
  return { ...game, stop };
}

test('a round that was left goes on where it stopped, under its own session', async () => {
  const { given, running } = await playing(CHECKPOINT);
  expect(given().resume).toBe(CHECKPOINT.saved);
  expect(goOnRecording).toHaveBeenCalledWith(CHECKPOINT);
  expect(beginRecording).not.toHaveBeenCalled();
  expect(hold).toHaveBeenCalledWith('s');
  expect(keepCheckpoints).toHaveBeenCalledWith(7, RECORDING, running, expect.any(Function));
  expect(handIn).not.toHaveBeenCalled();
});

test('a round of other rules is handed in, and the child is at home', async () => {
  const old = { ...CHECKPOINT, saved: { ...CHECKPOINT.saved, version: '0' } };
  const { mount } = await playing(old);
  expect(mount).not.toHaveBeenCalled();
  expect(appState().screen).toEqual({ name: 'home' });
  expect(handIn).toHaveBeenCalledWith(old);
  await vi.waitFor(() => expect(sendNow).toHaveBeenCalled());
});

test('a round that the game cannot go on with is handed in', async () => {
  const { mount } = aGame();
  mount.mockImplementation(() => {
    throw new RangeError('no such step');
  });
  vi.mocked(handIn).mockResolvedValue(undefined);
  await show(<Game gameType="cyber_runner" resume={CHECKPOINT} />, CHILD);
  expect(appState().screen).toEqual({ name: 'home' });
  expect(handIn).toHaveBeenCalledWith(CHECKPOINT);
  expect(reportMissingPart).not.toHaveBeenCalled();
});

test('a round that ends is finished, and no checkpoint of it follows', async () => {
  const { given, stop } = await playing();
  const round = { score: 300 } as FinishedRound;
  given().onFinish(round);
  expect(stop).toHaveBeenCalled();
  expect(finish).toHaveBeenCalledWith(RECORDING, round);
});

test('who leaves keeps what was worth keeping', async () => {
  const { given } = await playing();
  const partial = { score: 40, completed: false } as FinishedRound;
  given().onLeave(partial);
  expect(finish).toHaveBeenCalledWith(RECORDING, partial);
  expect(abandon).not.toHaveBeenCalled();
});

test('who leaves at once leaves nothing', async () => {
  const { given } = await playing();
  given().onLeave(null);
  expect(finish).not.toHaveBeenCalled();
  expect(abandon).toHaveBeenCalledWith(RECORDING);
});

test('a round that another page goes on with is let go', async () => {
  const { stop } = await playing(CHECKPOINT);
  const [, , , onLost] = vi.mocked(keepCheckpoints).mock.calls[0]!;
  onLost();
  expect(stop).toHaveBeenCalled();
  expect(letGo).toHaveBeenCalledWith('s');
  expect(appState().screen).toEqual({ name: 'home' });
});

test('Back pauses the game, and a screen that is left ends it', async () => {
  const { running, stop } = await playing();
  const back = vi.mocked(onBackInAGame).mock.calls.at(-1)![0];
  back!();
  expect(running.pause).toHaveBeenCalled();
  await show(null);
  expect(running.destroy).toHaveBeenCalled();
  expect(stop).toHaveBeenCalled();
  expect(onBackInAGame).toHaveBeenLastCalledWith(null);
});
