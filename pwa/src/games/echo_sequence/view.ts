/** The board: drums in the night city, Neo, and a sign that says whose turn it is. */

import './echo_sequence.css';

import { neoIn } from '../../ui/art/living_neo.tsx';
import type { Mood } from '../../ui/art/Neo.tsx';
import { makeBoard } from '../engine/board.ts';
import { element } from '../engine/dom.ts';
import type { Place, View } from '../engine/game.ts';
import { drawNight } from '../engine/night.ts';
import { Drum, type Look } from './drum.ts';
import { GAP, layoutOf } from './layout.ts';
import { LIGHT_STEPS } from './rules_levels.ts';
import { DRUMS, ECHOING, HAND_OVER, missed, READY, RIGHT, SHOWING, WRONG, type State } from './rules.ts';
import { Sign } from './sign.ts';
import { Teller } from './tell.ts';
import { WORDS } from './words.ts';

/** A drum is dark for so many steps before the next beat, and lit for so many after a tap. */
const DARK_STEPS = 8;
const TAPPED_STEPS = 15;

export function view(place: Place, first: State): View<State> {
  const { language, live } = place;
  const night = drawNight();
  place.root.append(night);
  const board = makeBoard(place, WORDS[language].field, 'echo');
  const head = element('div', 'echo-head');
  const figure = element('div', 'echo-neo');
  const sign = new Sign(language);
  const room = element('div', 'echo-room');
  const grid = element('div', 'echo-drums');
  room.append(grid);
  head.append(figure, sign.root);
  board.root.append(head, room);
  const neo = neoIn(figure);
  const teller = new Teller(place, first);
  let drums: Drum[] = [];
  let beat = -1;

  function setUp(count: number): void {
    const isFirst = drums.length === 0;
    while (drums.length < count) {
      const one = new Drum(board, drums.length, language);
      if (!isFirst) one.button.classList.add('new');
      drums.push(one);
      grid.append(one.button);
    }
    resize();
    if (live && isFirst && document.activeElement === document.body) drums[0]?.button.focus({ preventScroll: true });
  }

  function resize(): void {
    const { clientWidth: wide, clientHeight: high } = board.root;
    board.root.classList.toggle('wide', wide > high);
    const { columns, size } = layoutOf(drums.length, room.clientWidth, room.clientHeight);
    grid.style.setProperty('--size', `${size}px`);
    grid.style.setProperty('--gap', `${GAP}px`);
    grid.style.width = `${columns * (size + GAP)}px`;
  }

  setUp(first.drums);
  return {
    after: (state) => teller.after(state),
    draw(state) {
      if (state.drums > drums.length) setUp(state.drums);
      drums.forEach((one, drum) => one.show(lookOf(state, drum)));
      sign.show(state);
      neo.mood(moodOf(state));
      if (state.at !== beat) {
        beat = state.at;
        // Of two equal animations, the other one: so it starts again.
        figure.dataset.beat = beat < 0 ? '' : String(beat & 1);
      }
    },
    resize,
    point(_, input) {
      const button = drums[DRUMS.indexOf(input as (typeof DRUMS)[number])]?.button ?? grid;
      const from = place.root.getBoundingClientRect();
      const { left, top, width, height } = button.getBoundingClientRect();
      return { x: left - from.left + width / 2, y: top - from.top + height / 2 };
    },
    remove() {
      drums = [];
      neo.remove();
      board.remove();
      night.remove();
    },
  };
}

function lookOf(state: State, drum: number): Look {
  const { phase, phrase, at, step, since, lastBeatAt, beat, taps, tappedAt } = state;
  const isTapped = drum === taps[taps.length - 1];
  if (phase === SHOWING) return drum === phrase[at] && step - lastBeatAt < beat - DARK_STEPS ? 'sings' : 'asleep';
  if (phase === ECHOING) return isTapped && step - tappedAt < TAPPED_STEPS ? 'tapped' : 'awake';
  if (phase === RIGHT) return isTapped && step - tappedAt < TAPPED_STEPS ? 'tapped' : 'cheers';
  if (phase !== WRONG) return 'asleep';
  if (step - since < LIGHT_STEPS) return isTapped ? 'slip' : 'asleep';
  return drum === missed(state) ? 'was' : 'asleep';
}

const MOODS: Record<number, Mood> = { [READY]: 'idle', [SHOWING]: 'sing', [HAND_OVER]: 'idle', [ECHOING]: 'listen', [RIGHT]: 'cheer', [WRONG]: 'think' };
const moodOf = ({ phase }: State): Mood => MOODS[phase] ?? 'idle';
