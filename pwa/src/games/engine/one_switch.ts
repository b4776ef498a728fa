/** For children who can press one switch: the choices light up one after another, and any press takes
 * the one that is lit. A switch is whatever makes a key press, a tap or a click. */

import type { Language } from '../../i18n/text.ts';
import { element, icon, quickButton } from './dom.ts';
import type { Controls } from './game.ts';
import { WORDS } from './words.ts';

const EACH_MS = 1_100;

/** Scan the buttons in `area`, or those of its dialog while one is open, until the returned function is
 * called. With `onlyDialogs`, any other press is the game's. */
export function scan(area: HTMLElement, onlyDialogs: boolean): () => void {
  let lit: HTMLButtonElement | undefined;
  const stop = new AbortController();
  const options = { signal: stop.signal, capture: true };
  const advance = () => {
    const dialog = area.querySelector<HTMLElement>('[role=dialog]:not([hidden])');
    const scanned = dialog ?? (onlyDialogs ? undefined : area);
    const choices = [...(scanned?.querySelectorAll<HTMLButtonElement>('button:not(:disabled):not([hidden])') ?? [])].filter(
      (one) => one.offsetParent !== null && one.getAttribute('aria-disabled') !== 'true',
    );
    // Pause alone is no choice: a press that came a little early would pause.
    const isAnyOpen = dialog !== null || choices.some((one) => !one.matches('.round-pause, .round-skip'));
    const next = !isAnyOpen ? undefined : choices[(lit ? choices.indexOf(lit) + 1 : 0) % Math.max(1, choices.length)];
    lit?.classList.remove('lit');
    lit = next;
    lit?.classList.add('lit');
    // A screen reader, or a child who looks for the focus, follows.
    lit?.focus({ preventScroll: true });
  };
  const press = (event: Event) => {
    if (!event.isTrusted || !lit) return;
    event.preventDefault();
    event.stopPropagation();
    // A dialog has come or gone since: what is lit is no choice any more.
    if (lit.closest('[inert], [hidden]')) return advance();
    lit.click();
  };
  const timer = setInterval(advance, EACH_MS);
  advance();
  area.addEventListener('pointerdown', press, options);
  // The click that follows the press.
  area.addEventListener('click', (event) => event.isTrusted && lit && event.stopPropagation(), options);
  window.addEventListener(
    'keydown',
    (event) => {
      if (!event.repeat && ['Space', 'Enter'].includes(event.code)) press(event);
    },
    options,
  );
  return () => {
    clearInterval(timer);
    stop.abort();
    lit?.classList.remove('lit');
  };
}

/** A row of buttons for the choices of a game that has none of its own. */
export function choiceRow(choices: NonNullable<Controls['choices']>, language: Language, act: (input: number) => void): HTMLElement {
  const row = element('div', 'round-choices');
  row.setAttribute('role', 'group');
  row.setAttribute('aria-label', WORDS[language].choices);
  for (const { input, label, path } of choices) {
    const made = quickButton('choice', () => act(input));
    made.setAttribute('aria-label', label[language]);
    made.append(icon(path));
    row.append(made);
  }
  return row;
}
