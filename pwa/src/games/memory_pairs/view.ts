/** The board: cards on lines of a lantern string, over the night city. */

import './memory_pairs.css';

import { makeBoard } from '../engine/board.ts';
import { element } from '../engine/dom.ts';
import type { Place, View } from '../engine/game.ts';
import { drawNight } from '../engine/night.ts';
import { neoIn } from '../../ui/art/living_neo.tsx';
import { Card, type Shown } from './card.ts';
import { GAP, layoutOf } from './layout.ts';
import { CLEARED, DEALING, DIFFERING, LOOKING, PAIRED, SWAPPING } from './rules.ts';
import type { State } from './rules_board.ts';
import { SWAP_STEPS } from './rules_levels.ts';
import { Teller } from './tell.ts';
import { WORDS } from './words.ts';

/** Neo stands below the cards, or beside them where the board is wide. Smaller boards have no room. */
const NEO_HEIGHT = 92;
const NEO_WIDTH = 150;
const ROOM_FOR_NEO = 420;

export function view(place: Place, state: State): View<State> {
  const { language, calm, live } = place;
  const night = drawNight();
  place.root.append(night);
  const board = makeBoard(place, WORDS[language].field, 'pairs');
  const grid = element('div', 'pairs-grid');
  const figure = element('div', 'pairs-neo');
  figure.setAttribute('aria-hidden', 'true');
  board.root.append(grid, figure);
  const neo = neoIn(figure);
  const teller = new Teller(place, state);
  let cards: Card[] = [];
  let dealt = 0;
  /** Points of the pair that was found last. */
  let gain = 0;
  let scoreBefore = state.score;
  let isSwapping = false;

  function deal({ boards, cards: count }: State): void {
    const isFirst = dealt === 0;
    const hadFocus = grid.contains(document.activeElement);
    dealt = boards;
    gain = 0;
    cards = Array.from({ length: count }, (_, at) => new Card(board, { place: at, cards: count, language }));
    grid.replaceChildren(...cards.map(({ button }) => button));
    resize();
    // A keyboard or screen reader goes on where the last board was.
    if (live && (hadFocus || (isFirst && document.activeElement === document.body))) {
      cards[0]?.button.focus({ preventScroll: true });
    }
  }

  function resize(): void {
    const width = board.root.clientWidth;
    const height = board.root.clientHeight - parseFloat(getComputedStyle(board.root).paddingTop);
    const isWide = width > height;
    const hasNeo = Math.max(width, height) >= ROOM_FOR_NEO;
    board.root.classList.toggle('wide', isWide);
    figure.hidden = !hasNeo;
    const room = { width: width - (hasNeo && isWide ? NEO_WIDTH : 0), height: height - (hasNeo && !isWide ? NEO_HEIGHT : 0) };
    const layout = layoutOf(cards.length, room.width, room.height);
    grid.style.setProperty('--w', `${layout.width}px`);
    grid.style.setProperty('--h', `${layout.height}px`);
    grid.style.setProperty('--gap', `${GAP}px`);
    grid.style.width = `${layout.columns * (layout.width + GAP) - GAP}px`;
  }

  function shownOf(now: State, at: number): Shown {
    const isFound = now.found[at] === 1;
    const isOpen = at === now.first || at === now.second;
    const isUp = isFound || isOpen || now.phase === LOOKING;
    return { picture: isUp ? (now.picture[at] ?? 0) : -1, isFound, effect: effectOf(now, at, isOpen) };
  }

  function effectOf({ phase, total, asked, swapA, swapB }: State, at: number, isOpen: boolean): Shown['effect'] {
    if (phase === SWAPPING) return at === swapA || at === swapB ? 'swap' : '';
    if (!isOpen) return '';
    if (phase === PAIRED || phase === CLEARED) return 'pair';
    if (phase !== DIFFERING) return '';
    return asked.right[total - 1] === 1 ? 'new' : 'slip';
  }

  /** Two cards change places in an arc; without motion they are only marked. */
  function moveSwapped({ phase, until, step, swapA, swapB }: State, share: number): void {
    if (phase !== SWAPPING && !isSwapping) return;
    isSwapping = phase === SWAPPING;
    const [a, b] = [cards[swapA]?.button, cards[swapB]?.button];
    if (!a || !b || calm) return;
    const left = Math.max(0, Math.min(1, (until - step - share) / SWAP_STEPS));
    // Slow at both ends.
    const way = isSwapping ? left * left * (3 - 2 * left) : 0;
    const [dx, dy] = [b.offsetLeft - a.offsetLeft, b.offsetTop - a.offsetTop];
    const lift = Math.sin(way * Math.PI) * 0.22;
    a.style.transform = way ? `translate(${way * dx - lift * dy}px, ${way * dy + lift * dx}px) scale(${1 + lift / 2})` : '';
    b.style.transform = way ? `translate(${-way * dx + lift * dy}px, ${-way * dy - lift * dx}px) scale(${1 + lift / 2})` : '';
  }

  deal(state);
  return {
    after(now) {
      if (now.score !== scoreBefore) gain = now.score - scoreBefore;
      scoreBefore = now.score;
      teller.after(now);
    },
    draw(now, share) {
      if (now.boards !== dealt) deal(now);
      cards.forEach((card, at) => {
        const shown = shownOf(now, at);
        const hasGain = shown.effect === 'pair' && at === now.second;
        card.show(shown, hasGain ? gain : 0, !shown.isFound && at !== now.first);
      });
      grid.classList.toggle('dealing', now.phase === DEALING);
      grid.classList.toggle('cleared', now.phase === CLEARED);
      moveSwapped(now, share);
      neo.mood(moodOf(now));
    },
    resize,
    point(_, input) {
      const wanted = cards[(input >> 4) - 1]?.button ?? grid;
      const from = place.root.getBoundingClientRect();
      const { left, top, width, height } = wanted.getBoundingClientRect();
      return { x: left - from.left + width / 2, y: top - from.top + height / 2 };
    },
    remove() {
      neo.remove();
      board.remove();
      night.remove();
    },
  };
}

function moodOf({ phase, first, total, asked }: State): 'idle' | 'cheer' | 'think' {
  if (phase === PAIRED || phase === CLEARED) return 'cheer';
  if (phase === DIFFERING) return asked.right[total - 1] === 1 ? 'idle' : 'think';
  return first >= 0 ? 'think' : 'idle';
}
