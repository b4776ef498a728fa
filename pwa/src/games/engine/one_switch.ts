/** For children who can press one switch: the choices light up one after another, and any press takes
 * the one that is lit. A switch is whatever makes a key press, a tap or a click. */

import type { Language } from '../../i18n/text.ts';
import { element, icon, quickButton } from './dom.ts';
import type { Controls } from './game.ts';
import { WORDS } from './words.ts';

const EACH_MS = 1_100;
const LOOK_MS = 100;

/** Time in a game whose choices light up one after another: its clock goes at half speed, so that there
 * is time to answer also for who waits for the last choice. Rules count steps, so the round is the same. */
export const SCANNED_PACE = 0.5;

/** Scan the buttons in `area`, or those of its dialog while one is open, until the returned function is
 * called. With `onlyDialogs`, any other press is the game's. */
export function scan(area: HTMLElement, onlyDialogs: boolean): () => void {
  let lit: HTMLButtonElement | undefined;
  let litForMs = 0;
  const stop = new AbortController();
  const options = { signal: stop.signal, capture: true };
  const choices = (): HTMLButtonElement[] => {
    const dialog = area.querySelector<HTMLElement>('[role=dialog]:not([hidden])');
    const scanned = dialog ?? (onlyDialogs ? undefined : area);
    const open = [...(scanned?.querySelectorAll<HTMLButtonElement>('button:not(:disabled):not([hidden])') ?? [])].filter(
      (one) => one.offsetParent !== null && one.getAttribute('aria-disabled') !== 'true',
    );
    // Pause alone is no choice: a press that came a little early would pause.
    return dialog || open.some((one) => !one.matches('.round-pause, .round-skip')) ? open : [];
  };
  /** Choices that have just opened light up at once, from the first on: waiting takes their time. */
  const advance = () => {
    const open = choices();
    const at = lit ? open.indexOf(lit) : -1;
    litForMs += LOOK_MS;
    if (at >= 0 && litForMs < EACH_MS) return;
    litForMs = 0;
    lit?.classList.remove('lit');
    lit = open[(at + 1) % Math.max(1, open.length)];
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
  const timer = setInterval(advance, LOOK_MS);
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
