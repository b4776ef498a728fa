/** A board of real buttons: screen readers, keyboards, switches and gamepads get it for free. */

import { element, quickButton } from './dom.ts';
import type { Place } from './game.ts';

export interface Board {
  /** The view puts its elements here. */
  readonly root: HTMLElement;
  /** A button that answers with `input`. In a preview it cannot be pressed or focused. */
  choice(className: string, input: number): HTMLButtonElement;
  remove(): void;
}

/** `arrowsMove`: arrow keys move the focus. Not where they answer. */
export function makeBoard(place: Place, label: string, className: string, { arrowsMove = true } = {}): Board {
  const root = element('div', `round-board ${className}`);
  root.dataset.testid = 'game-board';
  if (place.live) {
    root.setAttribute('role', 'group');
    root.setAttribute('aria-label', label);
    if (arrowsMove) root.addEventListener('keydown', (event) => moveFocus(root, event));
  } else root.setAttribute('aria-hidden', 'true');
  place.root.append(root);
  return {
    root,
    choice(name, input) {
      const made = quickButton(`choice ${name}`, () => place.act(input));
      if (!place.live) made.tabIndex = -1;
      return made;
    },
    remove: () => root.remove(),
  };
}

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** An arrow moves the focus to the nearest button in its direction. */
function moveFocus(root: HTMLElement, event: KeyboardEvent): void {
  const way = ARROWS[event.key];
  if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
  if (focusNext(root, way)) event.preventDefault();
}

/** Move the focus one step in a direction; the first button gets it if none has it. */
export function focusNext(root: HTMLElement, [dx, dy]: readonly [number, number]): boolean {
  const buttons = [...root.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')];
  const from = buttons.find((one) => one === document.activeElement);
  if (!from) {
    buttons[0]?.focus();
    return buttons.length > 0;
  }
  const [x, y] = middleOf(from);
  let best: HTMLButtonElement | undefined;
  let nearest = Infinity;
  for (const one of buttons) {
    if (one === from) continue;
    const [toX, toY] = middleOf(one);
    const along = (toX - x) * dx + (toY - y) * dy;
    const aside = Math.abs((toX - x) * dy) + Math.abs((toY - y) * dx);
    // A button that is more beside than ahead is another direction's.
    if (along <= 1 || aside > along) continue;
    const distance = along + 2 * aside;
    if (distance >= nearest) continue;
    nearest = distance;
    best = one;
  }
  best?.focus();
  return best !== undefined;
}

function middleOf(shown: Element): [number, number] {
  const { left, top, width, height } = shown.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}
