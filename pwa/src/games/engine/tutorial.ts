/** The ghost hand of a tutorial: it shows the next input, and time waits for the child to do it. */

import { element, focusOnName, icon } from './dom.ts';
import type { Game, View } from './game.ts';
import { STEPS_A_SECOND, type RoundState } from './rules_round.ts';
import { speak } from './voice.ts';
import { WORDS } from './words.ts';
import type { Language } from '../../i18n/text.ts';

/** The hand presses by itself after this time: nobody can be stuck. */
const PATIENCE_MS = 6_000;
const HAND = 'M18 26 V10 a4 4 0 0 1 8 0 V24 l9 2 q5 1 4 7 l-2 9 H20 L11 31 q-1-5 7-1 Z';

export interface Guide {
  /** The input for the next step; null while time waits for the child. `asked` is what the child
   * pressed since the last call. */
  next(asked: number, ms: number): number | null;
  isOver(): boolean;
  remove(): void;
}

export function guide<S extends RoundState>(
  game: Game<S>,
  state: S,
  view: View<S>,
  field: HTMLElement,
  { language, voice, onSkip }: { language: Language; voice: boolean; onSkip(): void },
): Guide {
  const { seconds, says } = game.tutorial;
  const root = element('div', 'round-guide');
  const caption = element('p', 'round-caption');
  caption.setAttribute('aria-live', 'polite');
  const hand = element('div', 'round-hand');
  hand.append(icon(HAND, true));
  hand.hidden = true;
  const skip = element('button', 'paper-button round-skip');
  skip.type = 'button';
  skip.dataset.testid = 'tutorial-skip';
  skip.textContent = WORDS[language].skip;
  skip.prepend(icon('M10 10 L26 24 L10 38 M26 10 L42 24 L26 38'));
  skip.addEventListener('click', onSkip);
  root.append(caption, hand, skip);
  field.append(root);

  let said = 0;
  let wanted = 0;
  let waitedMs = 0;
  const tell = () => {
    const line = says[said];
    if (!line || state.step < line.fromSeconds * STEPS_A_SECOND) return;
    said += 1;
    caption.textContent = line.sentence[language];
    if (voice) speak(line.sentence[language], language);
  };
  return {
    next(asked, ms) {
      tell();
      if (wanted === 0) {
        wanted = game.bot(state);
        if (wanted === 0) return 0;
        waitedMs = 0;
        const { x, y } = view.point(state, wanted);
        hand.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
        hand.hidden = false;
        return null;
      }
      waitedMs += ms;
      // On a board an input is a number; elsewhere it is keys that may be pressed together.
      const isDone = game.controls.inTurn ? asked === wanted : (asked & wanted) === wanted;
      if (!isDone && waitedMs < PATIENCE_MS) return null;
      const input = wanted;
      wanted = 0;
      hand.hidden = true;
      return input;
    },
    isOver: () => state.done || state.step >= seconds * STEPS_A_SECOND,
    remove() {
      const skipped = root.contains(document.activeElement);
      root.remove();
      if (skipped) focusOnName();
    },
  };
}
