/** Turns keys, swipes, taps and clicks into the rules' inputs. */

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
/** A finger that stays down must move this far for the next swipe. */
const SWIPE_AGAIN_PX = 90;

export interface Input {
  /** The inputs since the last call, as a bit mask. */
  take(): number;
  close(): void;
}

interface Finger {
  id: number;
  x: number;
  y: number;
  /** It has already swiped. */
  spent: boolean;
}

/** Listen on `area` for touch and mouse, on the window for keys. `onPause` is Escape or P. */
export function listen(area: HTMLElement, onPause: () => void): Input {
  let asked = 0;
  // Two thumbs may be down at once: each finger is tracked separately.
  const fingers: Finger[] = [];
  const stop = new AbortController();
  const { signal } = stop;

  const lift = (id: number): Finger | undefined => {
    const at = fingers.findIndex((finger) => finger.id === id);
    return at < 0 ? undefined : fingers.splice(at, 1)[0];
  };

  window.addEventListener(
    'keydown',
    (event) => {
      const input = KEYS[event.code];
      // A focused button keeps its Space, and shortcuts stay the browser's.
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.code === 'Space' && event.target instanceof HTMLButtonElement) return;
      if (input) {
        event.preventDefault();
        if (!event.repeat) asked |= input;
      } else if ((event.code === 'Escape' || event.code === 'KeyP') && !event.repeat) onPause();
    },
    { signal },
  );
  area.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      lift(event.pointerId);
      fingers.push({ id: event.pointerId, x: event.clientX, y: event.clientY, spent: false });
    },
    { signal },
  );
  area.addEventListener(
    'pointermove',
    (event) => {
      // A swipe acts as soon as it is long enough, not on release; if it goes on, it acts again.
      const finger = fingers.find(({ id }) => id === event.pointerId);
      if (!finger) return;
      const far = finger.spent ? SWIPE_AGAIN_PX : SWIPE_PX;
      const input = swipe(event.clientX - finger.x, event.clientY - finger.y, far);
      if (input === 0) return;
      asked |= input;
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
      if (!finger || finger.spent) return;
      asked |= event.clientX < window.innerWidth / 2 ? LEFT : RIGHT;
    },
    { signal },
  );
  area.addEventListener('pointercancel', (event) => lift(event.pointerId), { signal });
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

function swipe(dx: number, dy: number, far: number): number {
  if (dy < -far && -dy > Math.abs(dx)) return JUMP;
  if (Math.abs(dx) < far || Math.abs(dx) < Math.abs(dy)) return 0;
  return dx < 0 ? LEFT : RIGHT;
}
