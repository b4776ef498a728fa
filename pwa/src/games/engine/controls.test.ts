// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { game } from '../number_rush/game.ts';
import { game as pairs } from '../memory_pairs/game.ts';
import { game as stones } from '../n_back_trail/game.ts';
import type { GameModule, GameOptions } from '../types.ts';
import { quickButton } from './dom.ts';
import { listen } from './input.ts';
import { gameModule } from './mount.ts';
import { scan, Turns } from './one_switch.ts';
import { guide } from './tutorial.ts';

let area: HTMLElement;

beforeEach(() => {
  vi.useFakeTimers();
  area = document.createElement('div');
  document.body.replaceChildren(area);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const key = (code: string) => window.dispatchEvent(new KeyboardEvent('keydown', { code }));

it('gives answers of a board one by one, and keys that were pressed together at once', () => {
  const board = listen(area, { inTurn: true, keys: { KeyA: 16, KeyB: 32 } }, vi.fn());
  key('KeyA');
  key('KeyB');
  expect([board.take(), board.take(), board.take()]).toEqual([16, 32, 0]);
  board.close();
  const run = listen(area, { keys: { KeyA: 1, KeyB: 4 } }, vi.fn());
  key('KeyA');
  key('KeyB');
  expect([run.take(), run.take()]).toEqual([5, 0]);
  run.close();
});

it('forgets what was pressed while it did not count', () => {
  const board = listen(area, { inTurn: true, keys: { KeyA: 16 } }, vi.fn());
  key('KeyA');
  key('KeyA');
  board.drop();
  expect(board.take()).toBe(0);
  board.close();
});

it('reads a gamepad in a pause too: start goes on, and a button that stays down acts once', () => {
  const pad = { index: 0, buttons: Array.from({ length: 16 }, () => ({ pressed: false })) };
  vi.stubGlobal('navigator', { getGamepads: () => [pad] });
  const onPause = vi.fn();
  const input = listen(area, { pad: { 0: 4 } }, onPause);
  pad.buttons[9]!.pressed = true;
  input.poll();
  input.poll();
  expect(onPause).toHaveBeenCalledOnce();
  pad.buttons[0]!.pressed = true;
  input.poll();
  expect(input.take()).toBe(4);
  input.poll();
  expect(input.take()).toBe(0);
  input.close();
});

function press(button: HTMLElement, detail: number): void {
  if (detail > 0) button.dispatchEvent(new PointerEvent('pointerdown', { button: 0, bubbles: true }));
  button.dispatchEvent(new MouseEvent('click', { detail, bubbles: true }));
}

it('acts once as a finger comes down, and once for a key', () => {
  const onPress = vi.fn();
  const button = quickButton('choice', onPress);
  press(button, 1);
  expect(onPress).toHaveBeenCalledTimes(1);
  press(button, 0);
  expect(onPress).toHaveBeenCalledTimes(2);
});

it('does not act at the lift of a finger that came down while it was closed', () => {
  const onPress = vi.fn();
  const button = quickButton('choice', onPress);
  button.setAttribute('aria-disabled', 'true');
  button.dispatchEvent(new PointerEvent('pointerdown', { button: 0 }));
  button.removeAttribute('aria-disabled');
  button.dispatchEvent(new MouseEvent('click', { detail: 1 }));
  expect(onPress).not.toHaveBeenCalled();
  // A finger that slid off takes nothing from the next key.
  button.dispatchEvent(new PointerEvent('pointerdown', { button: 0 }));
  onPress.mockClear();
  button.dispatchEvent(new MouseEvent('click', { detail: 0 }));
  expect(onPress).toHaveBeenCalledOnce();
});

it('waits in the tutorial for the very card that the hand shows', () => {
  const { seed, level } = pairs.tutorial;
  const state = pairs.rules.init(seed, level);
  while (pairs.bot(state) === 0) pairs.rules.step(state, 0);
  const wanted = pairs.bot(state);
  const view = { point: () => ({ x: 0, y: 0 }), draw: vi.fn(), remove: vi.fn() };
  const lesson = guide(pairs, state, view, area, { language: 'en', voice: false, onSkip: vi.fn() });
  expect(lesson.next(0, 16)).toBeNull();
  for (const other of [wanted | (wanted << 1), wanted | (wanted << 2)].filter((one) => one !== wanted)) {
    expect(lesson.next(other, 16)).toBeNull();
  }
  expect(lesson.next(wanted, 16)).toBe(wanted);
  lesson.remove();
});

it('offers no pause alone to a single switch', () => {
  const choice = document.createElement('button');
  const pause = document.createElement('button');
  pause.className = 'round-pause';
  area.append(choice, pause);
  for (const one of [choice, pause]) Object.defineProperty(one, 'offsetParent', { value: area });
  const stop = scan(area, false);
  expect(choice.classList.contains('lit')).toBe(true);
  choice.disabled = true;
  vi.advanceTimersByTime(5_000);
  expect(pause.classList.contains('lit')).toBe(false);
  stop();
});

it('lights a choice up as soon as it opens, and gives each the same time', () => {
  const [first, second] = [document.createElement('button'), document.createElement('button')];
  area.append(first, second);
  for (const one of [first, second]) {
    Object.defineProperty(one, 'offsetParent', { value: area });
    one.setAttribute('aria-disabled', 'true');
  }
  const lit = () => [first, second].findIndex((one) => one.classList.contains('lit'));
  const stop = scan(area, false);
  vi.advanceTimersByTime(1_500);
  expect(lit()).toBe(-1);
  for (const one of [first, second]) one.removeAttribute('aria-disabled');
  vi.advanceTimersByTime(100);
  expect(lit()).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(lit()).toBe(0);
  vi.advanceTimersByTime(100);
  expect(lit()).toBe(1);
  first.setAttribute('aria-disabled', 'true');
  vi.advanceTimersByTime(1_000);
  expect(lit()).toBe(1);
  stop();
});

/** Buttons in rows of five, each row a little crooked. */
function inRows(count: number): HTMLButtonElement[] {
  return Array.from({ length: count }, (_, at) => {
    const button = document.createElement('button');
    button.getBoundingClientRect = () => new DOMRect(80 * (at % 5), 100 * Math.floor(at / 5) + (at % 3), 70, 90);
    return button;
  });
}

it('lights up many choices row by row, then the choices of the row that was taken', () => {
  const cards = inRows(20);
  const turns = new Turns();
  const lit = () => turns.lit.map((one) => cards.indexOf(one));
  turns.advance(cards, false);
  expect(lit()).toEqual([0, 1, 2, 3, 4]);
  turns.advance(cards, false);
  expect(lit()).toEqual([0, 1, 2, 3, 4]);
  turns.advance(cards, true);
  turns.advance(cards, true);
  expect(lit()).toEqual([10, 11, 12, 13, 14]);
  expect(turns.take()).toBeUndefined();
  expect(lit()).toEqual([10]);
  turns.advance(cards, true);
  expect(turns.take()).toBe(cards[11]);
  // That card is open now: rows again.
  turns.advance(cards.filter((_, at) => at !== 11), false);
  expect(lit()).toEqual([0, 1, 2, 3, 4]);
});

it('leaves a row in which nothing was taken', () => {
  const cards = inRows(20);
  const turns = new Turns();
  const lit = () => turns.lit.map((one) => cards.indexOf(one));
  turns.advance(cards, true);
  turns.take();
  const seen = Array.from({ length: 10 }, () => {
    turns.advance(cards, true);
    return lit()[0];
  });
  expect(seen).toEqual([1, 2, 3, 4, 0, 1, 2, 3, 4, 5]);
  expect(lit()).toEqual([5, 6, 7, 8, 9]);
});

it('reaches every one of many choices in fewer turns than one by one', () => {
  const cards = inRows(20);
  for (const wanted of cards) {
    const turns = new Turns();
    let waited = 0;
    let taken: HTMLButtonElement | undefined;
    turns.advance(cards, false);
    while (!taken) {
      if (turns.lit.includes(wanted)) taken = turns.take();
      else {
        turns.advance(cards, true);
        waited += 1;
      }
    }
    expect(taken).toBe(wanted);
    expect(waited).toBeLessThanOrEqual(3 + 4);
  }
});

/** Steps of a round after its count-in and six seconds more. */
function stepsOf(played: { module: GameModule; oneSwitch: boolean }): number {
  let frame: FrameRequestCallback = () => undefined;
  vi.stubGlobal('requestAnimationFrame', (next: FrameRequestCallback) => ((frame = next), 1));
  const options = { seed: 1, difficulty: 1, language: 'en', sound: false, reducedMotion: true, voice: false, leftHanded: false } as const;
  const given: GameOptions = { ...options, oneSwitch: played.oneSwitch, tutorial: false, onTutorialSeen: vi.fn(), onFinish: vi.fn(), onLeave: vi.fn() };
  const running = played.module.mount(area, given);
  for (let now = 20; now <= 20 + 3 * 700 + 6_000; now += 20) frame(now);
  const { steps } = running.save()!.saved;
  running.destroy();
  return steps;
}

it('lets time pass at half speed where a single switch waits for its choice, and only there', () => {
  const module = gameModule(game);
  const full = stepsOf({ module, oneSwitch: false });
  expect(full).toBeGreaterThan(350);
  expect(stepsOf({ module, oneSwitch: true }) / full).toBeCloseTo(0.5, 1);
  const oneButton = gameModule(stones);
  expect(stepsOf({ module: oneButton, oneSwitch: true })).toBe(stepsOf({ module: oneButton, oneSwitch: false }));
});

it('leaves a round once, however often it is asked to', () => {
  vi.stubGlobal('requestAnimationFrame', () => 0);
  const options = { seed: 1, difficulty: 1, language: 'en', sound: false, reducedMotion: true, voice: false, leftHanded: false } as const;
  const onLeave = vi.fn();
  const given: GameOptions = { ...options, oneSwitch: false, tutorial: false, onTutorialSeen: vi.fn(), onFinish: vi.fn(), onLeave };
  const running = gameModule(game).mount(area, given);
  running.pause();
  const leave = area.querySelector<HTMLButtonElement>('[data-testid=game-leave]')!;
  leave.click();
  leave.click();
  expect(onLeave).toHaveBeenCalledOnce();
  running.destroy();
});
