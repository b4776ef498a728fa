/** The board: Neo on a stepping stone of the pond, the stones before it, and one big button. */

import './n_back_trail.css';

import { makeBoard } from '../engine/board.ts';
import { element, svg } from '../engine/dom.ts';
import type { Place, View } from '../engine/game.ts';
import { neoIn } from '../../ui/art/living_neo.tsx';
import { PRESS } from '../engine/rules_press.ts';
import { layoutOf } from './layout.ts';
import { type State } from './rules.ts';
import { levelAt } from './rules_levels.ts';
import { LEAD, SAME, WALKS } from './rules_trail.ts';
import { Teller } from './tell.ts';
import { drawPond, drawSign } from './view_pond.ts';
import { Stone, type Fate, type Look } from './view_stone.ts';
import { WORDS } from './words.ts';

/** Stones that are out of sight stay so many stones more, to fade away. */
const FADING = 2;

export function view(place: Place, first: State): View<State> {
  const { language, calm, live } = place;
  const { field, same } = WORDS[language];
  const pond = drawPond();
  place.root.append(pond);
  const board = makeBoard(place, field, 'trail');
  board.root.classList.toggle('calm', calm);
  const path = element('div', 'trail-path');
  const figure = element('div', 'trail-neo');
  for (const hidden of [path, figure]) hidden.setAttribute('aria-hidden', 'true');
  const link = svg('path', { class: 'trail-link' });
  path.append(svg('svg', { class: 'trail-links' }, link), figure);
  const sign = element('div', 'trail-sign');
  sign.setAttribute('aria-hidden', 'true');
  const button = board.choice('trail-same', PRESS);
  const words = element('span', 'trail-same-words');
  button.append(drawSame(), words);
  board.root.append(path, sign, button);
  const neo = neoIn(figure);
  const teller = new Teller(place, first);
  const stones = new Map<number, Stone>();
  const room = { width: 0, height: 0 };
  let layout = layoutOf(0, 0);
  let shown = -1;
  let back = 0;
  let scoreBefore = first.score;
  let gain = 0;
  let stale = true;

  function resize(): void {
    room.width = path.clientWidth;
    room.height = path.clientHeight;
    layout = layoutOf(room.width, room.height);
    board.root.classList.toggle('wide', layout.isWide);
    const { x, y } = layout.at(0);
    path.style.setProperty('--size', `${Math.round(layout.size)}px`);
    figure.style.left = `${Math.round(x * room.width)}px`;
    figure.style.top = `${Math.round(y * room.height)}px`;
    stale = true;
  }

  function sync(state: State): void {
    if (state.back !== back) {
      back = state.back;
      words.textContent = same[back] ?? '';
      sign.replaceChildren(...drawSign(back, same[back] ?? ''));
    }
    board.root.classList.toggle('resting', state.resting);
    board.root.classList.toggle('early', state.resting || state.kinds[state.shown - 1] === LEAD);
    sign.hidden = !state.resting || state.walk === WALKS;
    if (state.shown !== shown) arrive(state);
    for (const [n, stone] of stones) stone.show(lookOf(state, n), layout, room);
    drawLink(state);
    neo.mood(moodOf(state));
  }

  /** Neo hops on to a new stone; the one to come rises, and old ones go. */
  function arrive(state: State): void {
    const isHop = shown >= 0;
    shown = state.shown;
    gain = 0;
    for (const [n, stone] of stones) {
      if (n >= shown - back - 1 - FADING) continue;
      stone.root.remove();
      stones.delete(n);
    }
    for (let n = Math.max(0, shown - back - 1); n <= shown; n += 1) {
      let stone = stones.get(n);
      if (!stone) {
        stone = new Stone();
        stones.set(n, stone);
        path.append(stone.root);
      }
      if (n < shown) stone.picture(state.pictures[n] ?? 0);
    }
    // Of two equal animations, the other one: so it starts again.
    if (isHop) figure.classList.toggle('hop');
    figure.classList.toggle('hops', isHop);
  }

  function lookOf(state: State, n: number): Look {
    const { resting, levels } = state;
    const away = state.shown - 1 - n;
    // In a rest, Neo stands on the next walk's first stone, and those before are out of sight.
    const isGone = resting ? n < state.shown : n < state.first;
    const compared = !resting && away === back && n >= state.first;
    const isNow = !resting && away === 0;
    const asked = isOver(state) && state.kinds[state.shown - 1] !== LEAD;
    // After a press, and after a miss, the stone to compare with tells.
    const told = compared && asked && ((state.reaction[state.shown - 1] ?? -1) >= 0 || state.rights[state.shown - 1] === 0);
    const trace = levelAt(levels[state.shown - 1] ?? 1).trace;
    return {
      back: isGone ? back + 1 : resting ? 0 : Math.min(away, back + 1),
      clear: isNow || told ? 1 : compared ? trace / 100 : 0,
      compared,
      fate: fateOf(state, n),
      gain: isNow ? gain : 0,
    };
  }

  /** A dotted line from the stone to compare with to Neo's. */
  function drawLink(state: State): void {
    const isLinked = !state.resting && state.kinds[state.shown - 1] !== LEAD && state.shown > 0;
    const from = layout.at(back);
    const to = layout.at(0);
    const [x1, y1, x2, y2] = [from.x * room.width, from.y * room.height, to.x * room.width, to.y * room.height];
    const d = isLinked ? `M${x1} ${y1} Q${x1} ${(y1 + y2) / 2 + layout.size / 3} ${x2 - layout.size * 0.42} ${y2 + layout.size * 0.16}` : '';
    if (link.getAttribute('d') !== d) link.setAttribute('d', d);
  }

  resize();
  if (live && document.activeElement === document.body) button.focus({ preventScroll: true });
  return {
    after(state) {
      if (state.score !== scoreBefore) gain = state.score - scoreBefore;
      scoreBefore = state.score;
      teller.after(state);
      stale = true;
    },
    draw(state) {
      if (!stale) return;
      // The host may have had no size before.
      if (room.width === 0) resize();
      stale = false;
      sync(state);
    },
    resize,
    point() {
      const from = place.root.getBoundingClientRect();
      const { left, top, width, height } = button.getBoundingClientRect();
      return { x: left - from.left + width / 2, y: top - from.top + height / 2 };
    },
    remove() {
      neo.remove();
      board.remove();
      pond.remove();
    },
  };
}

/** Whether the last stone was answered. */
const isOver = ({ open, shown }: State): boolean => !open && shown > 0;

function fateOf({ shown, open, kinds, rights, reaction, finds }: State, n: number): Fate {
  if (n >= shown || (open && n === shown - 1) || kinds[n] === LEAD) return '';
  const pressed = (reaction[n] ?? -1) >= 0;
  if (rights[n] === 1) return pressed ? 'found' : finds === 0 ? '' : 'left';
  return kinds[n] === SAME ? 'missed' : pressed ? 'slip' : '';
}

function moodOf(state: State): 'idle' | 'cheer' | 'think' {
  const fate = fateOf(state, state.shown - 1);
  if (fate === 'found') return 'cheer';
  return state.resting || fate === 'left' ? 'idle' : 'think';
}

/** Two discs that are the same. */
function drawSame(): SVGElement {
  const line = { stroke: '#1F2150', 'stroke-width': '4' };
  return svg(
    'svg',
    { viewBox: '0 0 96 48', 'aria-hidden': 'true', focusable: 'false' },
    svg('circle', { cx: '20', cy: '24', r: '17', fill: '#FFC53D', ...line }),
    svg('circle', { cx: '76', cy: '24', r: '17', fill: '#FFC53D', ...line }),
    svg('path', { d: 'M43 19 h10 M43 29 h10', 'stroke-linecap': 'round', ...line }),
  );
}
