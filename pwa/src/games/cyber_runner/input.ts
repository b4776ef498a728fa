/** Keys, swipes, taps and clicks become the rules' inputs. */

import { JUMP, LEFT, RIGHT } from './rules.ts';

const KEYS: Record<string, number> = {
  ArrowLeft: LEFT,
  KeyA: LEFT,
  ArrowRight: RIGHT,
  KeyD: RIGHT,
  ArrowUp: JUMP,
  KeyW: JUMP,
  Space: JUMP,
};

const SWIPE_PX = 24;

export interface Input {
  /** What was asked for since the last call. */
  take(): number;
  close(): void;
}

/** Listen on `area` for touch and mouse, on the window for keys. `onPause` is Escape or P. */
export function listen(area: HTMLElement, onPause: () => void): Input {
  let asked = 0;
  let from: { x: number; y: number; id: number } | null = null;
  const stop = new AbortController();
  const { signal } = stop;

  window.addEventListener(
    'keydown',
    (event) => {
      const input = KEYS[event.code];
      // A focused button keeps its Space and Enter.
      if (event.code === 'Space' && event.target instanceof HTMLButtonElement) return;
      if (input) {
        event.preventDefault();
        if (!event.repeat) asked |= input;
      } else if (event.code === 'Escape' || event.code === 'KeyP') onPause();
    },
    { signal },
  );
  area.addEventListener(
    'pointerdown',
    (event) => {
      from = { x: event.clientX, y: event.clientY, id: event.pointerId };
    },
    { signal },
  );
  area.addEventListener(
    'pointermove',
    (event) => {
      // A swipe acts as soon as it is one, not when the finger is lifted.
      if (!from || event.pointerId !== from.id) return;
      const input = swipe(event.clientX - from.x, event.clientY - from.y);
      if (input === 0) return;
      asked |= input;
      from = null;
    },
    { signal },
  );
  area.addEventListener(
    'pointerup',
    (event) => {
      if (!from || event.pointerId !== from.id) return;
      const { left, width } = area.getBoundingClientRect();
      asked |= event.clientX - left < width / 2 ? LEFT : RIGHT;
      from = null;
    },
    { signal },
  );
  area.addEventListener('pointercancel', () => (from = null), { signal });
  area.addEventListener('contextmenu', (event) => event.preventDefault(), { signal });

  return {
    take() {
      const input = asked;
      asked = 0;
      return input;
    },
    close: () => stop.abort(),
  };
}

function swipe(dx: number, dy: number): number {
  if (dy < -SWIPE_PX && -dy > Math.abs(dx)) return JUMP;
  if (Math.abs(dx) < SWIPE_PX || Math.abs(dx) < Math.abs(dy)) return 0;
  return dx < 0 ? LEFT : RIGHT;
}
