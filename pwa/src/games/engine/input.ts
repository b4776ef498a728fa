/** Turns keys, fingers and gamepads into the inputs of a game, by its table of controls. */

import type { Controls } from './game.ts';

const SWIPE_PX = 24;
/** A finger that stays down must move this far for the next swipe. */
const SWIPE_AGAIN_PX = 90;
/** A finger that has moved so far may be on the way to a swipe. */
const MOVES_PX = 8;
/** Where a game has swipes too, a finger that rests this long is a tap. */
const TAP_MS = 70;

/** Button 9 of the standard gamepad: start. */
const PAD_PAUSE = 9;

export interface Input {
  /** Inputs since the last call, combined with `|`; or the next one, where they come in turn. */
  take(): number;
  /** Read the gamepad, which has no events: once a frame, in a pause too. */
  poll(): void;
  /** Forget what was pressed so far. */
  drop(): void;
  act(input: number): void;
  close(): void;
}

interface Finger {
  id: number;
  x: number;
  y: number;
  /** It has already acted. */
  spent: boolean;
  rests: ReturnType<typeof setTimeout> | undefined;
}

/** Listen on `area` for touch and mouse, on the window for keys. `onPause` is Escape, P or the
 * gamepad's start button. */
export function listen(area: HTMLElement, controls: Controls, onPause: () => void): Input {
  let asked = 0;
  const queue: number[] = [];
  const stop = new AbortController();
  const { signal } = stop;
  const act = (input: number) => void (controls.inTurn ? queue.push(input) : (asked |= input));
  const pad = controls.pad ? gamepad(controls.pad, act, onPause) : undefined;
  listenToKeys(controls.keys ?? {}, act, onPause, signal);
  if (controls.tap || controls.swipe) listenToFingers(area, controls, act, signal);

  return {
    poll: () => pad?.(),
    drop() {
      asked = 0;
      queue.length = 0;
    },
    take() {
      const input = asked | (queue.shift() ?? 0);
      asked = 0;
      return input;
    },
    act,
    close: () => stop.abort(),
  };
}

function listenToKeys(keys: Record<string, number>, act: (input: number) => void, onPause: () => void, signal: AbortSignal): void {
  window.addEventListener(
    'keydown',
    (event) => {
      // A focused button keeps its Space, and shortcuts stay the browser's.
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (['Space', 'Enter'].includes(event.code) && event.target instanceof HTMLButtonElement) return;
      const input = keys[event.code];
      if (input) {
        event.preventDefault();
        if (!event.repeat) act(input);
      } else if ((event.code === 'Escape' || event.code === 'KeyP') && !event.repeat) onPause();
    },
    { signal },
  );
}

function listenToFingers(area: HTMLElement, { tap, swipe }: Controls, act: (input: number) => void, signal: AbortSignal): void {
  // Two thumbs may be down at once: each finger is tracked separately.
  const fingers: Finger[] = [];
  const lift = (id: number): Finger | undefined => {
    const at = fingers.findIndex((finger) => finger.id === id);
    const [finger] = at < 0 ? [] : fingers.splice(at, 1);
    clearTimeout(finger?.rests);
    return finger;
  };
  const tapAt = (finger: Finger) => {
    finger.spent = true;
    const { left, top, width, height } = area.getBoundingClientRect();
    act(tap?.((finger.x - left) / width, (finger.y - top) / height) ?? 0);
  };
  area.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0 || event.target instanceof HTMLButtonElement) return;
      lift(event.pointerId);
      const finger: Finger = { id: event.pointerId, x: event.clientX, y: event.clientY, spent: false, rests: undefined };
      fingers.push(finger);
      if (!swipe) tapAt(finger);
      else if (tap) finger.rests = setTimeout(() => tapAt(finger), TAP_MS);
    },
    { signal },
  );
  area.addEventListener(
    'pointermove',
    (event) => {
      // A swipe acts as soon as it is long enough, not on release; if it goes on, it acts again.
      const finger = fingers.find(({ id }) => id === event.pointerId);
      if (!finger || !swipe) return;
      const input = swipeOf(swipe, event.clientX - finger.x, event.clientY - finger.y, finger.spent ? SWIPE_AGAIN_PX : SWIPE_PX);
      if (input === 0) {
        // It moves: it is not a finger that rests.
        if (Math.hypot(event.clientX - finger.x, event.clientY - finger.y) > MOVES_PX) clearTimeout(finger.rests);
        return;
      }
      act(input);
      clearTimeout(finger.rests);
      finger.spent = true;
      finger.x = event.clientX;
      finger.y = event.clientY;
    },
    { signal },
  );
  area.addEventListener(
    'pointerup',
    (event) => {
      const finger = lift(event.pointerId);
      if (finger && !finger.spent) tapAt(finger);
    },
    { signal },
  );
  area.addEventListener('pointercancel', (event) => lift(event.pointerId), { signal });
  area.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });
  signal.addEventListener('abort', () => fingers.forEach(({ rests }) => clearTimeout(rests)));
}

function swipeOf({ left, right, up }: { left: number; right: number; up: number }, dx: number, dy: number, far: number): number {
  if (dy < -far && -dy > Math.abs(dx)) return up;
  if (Math.abs(dx) < far || Math.abs(dx) < Math.abs(dy)) return 0;
  return dx < 0 ? left : right;
}

/** Gamepads have no events: the returned function reads which buttons went down since the last call. */
export function gamepad(buttons: Record<number, number>, act: (input: number) => void, onPause: () => void): () => void {
  const down = new Set<string>();
  return () => {
    for (const pad of navigator.getGamepads?.() ?? []) {
      pad?.buttons.forEach(({ pressed }, button) => {
        const key = `${pad.index} ${button}`;
        if (!pressed) return void down.delete(key);
        if (down.has(key)) return;
        down.add(key);
        if (button === PAD_PAUSE) onPause();
        else if (buttons[button]) act(buttons[button]);
      });
    }
  };
}
