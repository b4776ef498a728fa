/** Makes elements. */

const SVG = 'http://www.w3.org/2000/svg';

export function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

export function svg(name: string, attributes: Record<string, string>, ...children: SVGElement[]): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A line drawing of 48 x 48 units. */
export function icon(path: string, filled = false): SVGElement {
  return svg(
    'svg',
    { viewBox: '0 0 48 48', width: '32', height: '32', 'aria-hidden': 'true' },
    svg('path', {
      ...{ d: path, fill: filled ? 'currentColor' : 'none', stroke: 'currentColor' },
      ...{ 'stroke-width': '6', 'stroke-linecap': 'round', 'stroke-linejoin': 'round' },
    }),
  );
}

/** A button that acts as a finger comes down, not when it lifts. Keyboards and assistive technology
 * click without a finger. */
export function quickButton(className: string, onPress: () => void): HTMLButtonElement {
  const made = element('button', className);
  made.type = 'button';
  let pressed = false;
  made.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    pressed = true;
    if (!made.disabled && made.getAttribute('aria-disabled') !== 'true') onPress();
  });
  made.addEventListener('click', (event) => {
    // Keyboards, switches and gamepads click with a detail of 0.
    const isOfFinger = pressed && event.detail > 0;
    pressed = false;
    if (!isOfFinger && made.getAttribute('aria-disabled') !== 'true') onPress();
  });
  made.addEventListener('pointercancel', () => (pressed = false));
  return made;
}

/** What had the focus is gone: Tab goes on from the game's name, where keys are the game's. */
export function focusOnName(): void {
  const name = document.querySelector<HTMLElement>('main h1');
  if (!name) return;
  name.tabIndex = -1;
  name.focus({ preventScroll: true });
}
