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

/** More choices than these light up row by row first: one by one, the last of twenty would take 22 s. */
const MOST_ONE_BY_ONE = 8;
/** A row is left when nothing was taken in it for so many rounds. */
const ROUNDS_IN_A_ROW = 2;

/** Rows of buttons as they are seen, from the order of the document. */
function rowsOf(buttons: HTMLButtonElement[]): HTMLButtonElement[][] {
  const rows: { middle: number; buttons: HTMLButtonElement[] }[] = [];
  for (const button of buttons) {
    const { top, height } = button.getBoundingClientRect();
    const row = rows[rows.length - 1];
    if (row && Math.abs(top + height / 2 - row.middle) < height / 2) row.buttons.push(button);
    else rows.push({ middle: top + height / 2, buttons: [button] });
  }
  return rows.map((row) => row.buttons);
}

/** What lights up in turn: single choices, or rows and then the choices of the row that was taken. */
export class Turns {
  lit: HTMLButtonElement[] = [];
  private row: HTMLButtonElement[] = [];
  private rounds = 0;

  /** Light up what follows among the choices that are open; `next` is false while it may stay lit. */
  advance(open: HTMLButtonElement[], next: boolean): void {
    const groups = this.groupsOf(open);
    const at = groups.findIndex((group) => group[0] === this.lit[0]);
    if (at >= 0 && !next) return;
    if (this.row.length > 0 && at === groups.length - 1) {
      this.rounds += 1;
      if (this.rounds === ROUNDS_IN_A_ROW) return this.leave(open);
    }
    this.lit = groups[(at + 1) % Math.max(1, groups.length)] ?? [];
  }

  /** Take what is lit. A row lights up its first choice; a choice is returned. */
  take(): HTMLButtonElement | undefined {
    const [first, ...others] = this.lit;
    if (others.length === 0) {
      this.row = [];
      return first;
    }
    this.row = this.lit;
    this.rounds = 0;
    this.lit = first ? [first] : [];
    return undefined;
  }

  private leave(open: HTMLButtonElement[]): void {
    const [first] = this.row;
    this.row = [];
    this.lit = this.groupsOf(open).find((group) => first && group.includes(first)) ?? [];
    this.advance(open, true);
  }

  private groupsOf(open: HTMLButtonElement[]): HTMLButtonElement[][] {
    const inRow = this.row.filter((one) => open.includes(one));
    if (inRow.length === 0) this.row = [];
    else return inRow.map((one) => [one]);
    return open.length > MOST_ONE_BY_ONE ? rowsOf(open) : open.map((one) => [one]);
  }
}

/** Scan the buttons in `area`, or those of its dialog while one is open, until the returned function is
 * called. With `onlyDialogs`, any other press is the game's. */
export function scan(area: HTMLElement, onlyDialogs: boolean): () => void {
  const turns = new Turns();
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
  const light = (change: () => void) => {
    const before = turns.lit;
    change();
    if (turns.lit === before) return;
    litForMs = 0;
    for (const one of before) one.classList.remove('lit');
    for (const one of turns.lit) one.classList.add('lit');
    // A screen reader, or a child who looks for the focus, follows.
    turns.lit[0]?.focus({ preventScroll: true });
  };
  /** Choices that have just opened light up at once, from the first on: waiting takes their time. */
  const advance = () => {
    litForMs += LOOK_MS;
    light(() => turns.advance(choices(), litForMs >= EACH_MS));
  };
  const press = (event: Event) => {
    const [lit] = turns.lit;
    if (!event.isTrusted || !lit) return;
    event.preventDefault();
    event.stopPropagation();
    // A dialog has come or gone since: what is lit is no choice any more.
    if (lit.closest('[inert], [hidden]')) return advance();
    light(() => turns.take()?.click());
  };
  const timer = setInterval(advance, LOOK_MS);
  advance();
  area.addEventListener('pointerdown', press, options);
  // The click that follows the press.
  area.addEventListener('click', (event) => event.isTrusted && turns.lit.length > 0 && event.stopPropagation(), options);
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
    for (const one of turns.lit) one.classList.remove('lit');
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
