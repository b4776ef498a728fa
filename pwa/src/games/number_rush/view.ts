/** The board of lanterns. */

import './number_rush.css';

import { neoIn } from '../../ui/art/living_neo.tsx';
import type { Mood } from '../../ui/art/Neo.tsx';
import { makeBoard } from '../engine/board.ts';
import { element } from '../engine/dom.ts';
import type { Place, View } from '../engine/game.ts';
import { MOST, MOST_DOTS } from './rules_levels.ts';
import { ANSWERS, ASKED, LATE, READY, RIGHT, RISE_STEPS, type State } from './rules.ts';
import { answerLantern, type Fate } from './view_answer.ts';
import { night } from './view_night.ts';
import { taskLantern } from './view_task.ts';
import { taskIn, WORDS } from './words.ts';

const MOODS: Record<number, Mood> = { [RIGHT]: 'cheer', [READY]: 'idle' };

export function view(place: Place, first: State): View<State> {
  const { language, calm, sounds } = place;
  const words = WORDS[language];
  const board = makeBoard(place, words.field, calm ? 'numbers calm' : 'numbers', { arrowsMove: false });
  const asks = element('div', 'numbers-task');
  const lantern = taskLantern();
  asks.append(lantern.drawing);
  const heading = element('h2', 'numbers-words');
  const row = element('div', 'numbers-answers');
  const buttons = ANSWERS.map((input) => board.choice('numbers-answer', input));
  const lanterns = buttons.map(answerLantern);
  row.append(...buttons);
  const neoPlace = element('div', 'numbers-neo');
  const city = night();
  board.root.append(city.drawing, asks, heading, row, neoPlace);
  const neo = neoIn(neoPlace);
  let shownAt = -1;
  let outcome = -1;

  function sync(state: State): void {
    if (state.shownAt !== shownAt && state.outcome !== READY) ask(state);
    if (state.outcome !== outcome) settle(state);
  }

  function ask(state: State): void {
    shownAt = state.shownAt;
    outcome = -1;
    const { task } = state;
    lantern.ask(task);
    heading.textContent = taskIn(language, task);
    heading.classList.toggle('unseen', task.kind !== MOST && task.kind !== MOST_DOTS);
    lanterns.forEach((one, at) => one.show(task.answers[at] ?? 0, task.kind));
    // Of two equal animations, the other one: so it starts again.
    row.classList.toggle('turn');
  }

  function settle({ outcome: now, chosen, task, right }: State): void {
    outcome = now;
    city.light(right);
    row.classList.toggle('waiting', now === READY);
    neo.mood(MOODS[now] ?? 'think');
    lanterns.forEach((one, at) => one.become(fateOf(at, now, chosen, task.answers[at] === task.right)));
    if (now !== ASKED && now !== READY) lantern.tell(task);
  }

  sync(first);
  return {
    after(state) {
      if (state.outcome === outcome && state.shownAt === shownAt) return;
      sync(state);
      const { task, outcome: now } = state;
      const asked = taskIn(language, task);
      if (now === ASKED) place.announce(`${asked}${asked.endsWith('?') ? '' : ':'} ${task.answers.join(', ')}`);
      else if (now === RIGHT) {
        sounds.good(state.chain);
        place.announce(words.yes);
      } else {
        if (now === LATE) sounds.note(0, { seconds: 0.5, loud: 0.3 });
        else sounds.oops();
        place.announce(`${words.it_is} ${task.right}`);
      }
    },
    draw(state, share) {
      sync(state);
      lantern.light(lightLeft(state, share));
    },
    point(_, input) {
      const button = buttons[ANSWERS.indexOf(input as (typeof ANSWERS)[number])];
      const from = place.root.getBoundingClientRect();
      const { left, top, width, height } = (button ?? row).getBoundingClientRect();
      return { x: left - from.left + width / 2, y: top - from.top + height / 2 };
    },
    remove() {
      neo.remove();
      board.remove();
    },
  };

  function fateOf(at: number, now: number, chosen: number, isRight: boolean): Fate {
    if (now === ASKED) return 'open';
    if (now === READY) return 'left';
    return isRight ? 'right' : at === chosen ? 'wrong' : 'left';
  }
}

/** The light stands still once there is an answer. */
function lightLeft({ outcome, shownAt, lateAt, step, answered }: State, share: number): number {
  if (outcome === READY) return 1;
  const now = outcome === ASKED ? step + share : shownAt + (answered[answered.length - 1]?.took ?? 0);
  return Math.max(0, Math.min(1, (lateAt - now) / (lateAt - shownAt - RISE_STEPS)));
}
