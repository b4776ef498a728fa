/** What lies over every game: a lantern that burns down as the timer, the points, the chain, the pause
 * button, the countdown, the pause dialog. */

import type { Language } from '../../i18n/text.ts';
import { element, focusOnName, icon, svg } from './dom.ts';
import { WORDS } from './words.ts';

export interface Hud {
  /** For the view. */
  readonly field: HTMLElement;
  show(score: number, chain: number, timeLeft: number): void;
  /** Show 3, 2, 1; 0 hides it. */
  count(n: number): void;
  pause(shown: boolean): void;
  announce(text: string): void;
  remove(): void;
}

export interface HudOptions {
  language: Language;
  reducedMotion: boolean;
  leftHanded: boolean;
  onPause(): void;
  onContinue(): void;
  onLeave(): void;
}

/** The share of time left below which the lantern swings. */
const LAST_SHARE = 1 / 6;
/** The chain is shown from this length on. */
const SHOWN_CHAIN = 3;

export function makeHud(host: HTMLElement, options: HudOptions): Hud {
  const words = WORDS[options.language];
  const root = element('div', 'round');
  root.classList.toggle('calm', options.reducedMotion);
  root.classList.toggle('left-handed', options.leftHanded);
  const field = element('div', 'round-field');

  const time = element('div', 'round-time');
  time.setAttribute('role', 'img');
  time.setAttribute('aria-label', words.time);
  const fill = drawLantern(time);

  const score = element('div', 'round-score');
  const points = element('output', 'round-points');
  points.dataset.testid = 'game-score';
  points.setAttribute('aria-label', words.points);
  points.setAttribute('aria-live', 'off');
  points.textContent = '0';
  const chained = element('output', 'round-chain');
  chained.setAttribute('aria-label', words.chain);
  chained.setAttribute('aria-live', 'off');
  score.append(points, chained);

  const pauseButton = button('round-pause', '', 'game-pause', options.onPause);
  pauseButton.setAttribute('aria-label', words.pause);
  pauseButton.append(icon('M15 11 v26 M33 11 v26'));

  const counter = element('div', 'round-count');
  counter.setAttribute('role', 'status');
  const live = element('div', 'hidden');
  live.setAttribute('aria-live', 'polite');

  const paper = element('div', 'round-paper');
  paper.setAttribute('role', 'dialog');
  paper.setAttribute('aria-modal', 'true');
  paper.setAttribute('aria-label', words.paused);
  const heading = document.createElement('h2');
  heading.textContent = words.paused;
  const goOn = button('paper-button main', words.go_on, 'game-continue', options.onContinue);
  const leave = button('paper-button', words.leave, 'game-leave', options.onLeave);
  goOn.prepend(icon('M16 10 L38 24 L16 38 Z', true));
  leave.prepend(icon('M8 24 L24 9 L40 24 M13 22 V39 H35 V22'));
  paper.append(heading, goOn, leave);
  paper.hidden = true;

  const bar = element('div', 'round-bar');
  bar.append(time, score, pauseButton);
  root.append(field, bar, counter, live, paper);
  host.append(root);

  let shownScore = 0;
  let shownChain = 0;
  let shownTime = -1;
  /** What had the focus before the pause. */
  let before: Element | null = null;
  return {
    field,
    show(newScore, chain, timeLeft) {
      if (newScore !== shownScore) {
        shownScore = newScore;
        points.textContent = String(newScore);
        restart(points, 'bump');
      }
      if (chain !== shownChain) {
        shownChain = chain;
        const isShown = chain >= SHOWN_CHAIN;
        chained.textContent = isShown ? `×${chain}` : '';
        score.classList.toggle('chained', isShown);
      }
      const rounded = Math.ceil(timeLeft * 100);
      if (rounded !== shownTime) {
        shownTime = rounded;
        fill.setAttribute('y', String(14 + 40 * (1 - timeLeft)));
        fill.setAttribute('height', String(40 * timeLeft));
        time.classList.toggle('last', timeLeft < LAST_SHARE);
      }
    },
    count(n) {
      counter.textContent = n > 0 ? String(n) : '';
      if (n > 0) restart(counter, 'pop');
    },
    pause(shown) {
      if (shown) before = document.activeElement;
      paper.hidden = !shown;
      pauseButton.hidden = shown;
      field.inert = shown;
      if (shown) return goOn.focus();
      focusOnName();
      // Not the pause button, where the game's Space would pause again.
      if (before instanceof HTMLElement && field.contains(before)) before.focus({ preventScroll: true });
    },
    announce(text) {
      // Equal texts are told twice only if they differ: by a space that is not heard.
      live.textContent = text === live.textContent ? `${text}\u00a0` : text;
    },
    remove: () => root.remove(),
  };
}

/** Run the animation of a class from its beginning. */
function restart(shown: HTMLElement, className: string): void {
  shown.classList.remove(className);
  void shown.offsetWidth; // Forces a reflow.
  shown.classList.add(className);
}

function button(className: string, label: string, testId: string, onPress: () => void): HTMLButtonElement {
  const made = element('button', className);
  made.type = 'button';
  made.textContent = label;
  made.dataset.testid = testId;
  made.addEventListener('click', onPress);
  return made;
}

/** Draw a paper lantern whose light sinks; returns the light. */
function drawLantern(parent: HTMLElement): SVGElement {
  const body = 'M18 14 C6 22 6 46 18 54 H46 C58 46 58 22 46 14 Z';
  const line = { stroke: '#FFF8EC', 'stroke-width': '3', 'stroke-linejoin': 'round' };
  const light = svg('rect', { x: '6', y: '14', width: '52', height: '40', fill: '#FFC53D', 'clip-path': 'url(#round-lantern)' });
  parent.append(
    svg(
      'svg',
      { viewBox: '0 0 64 68', width: '64', height: '68', 'aria-hidden': 'true' },
      svg('clipPath', { id: 'round-lantern' }, svg('path', { d: body })),
      svg('path', { d: body, fill: '#0E1029' }),
      light,
      svg('path', { d: 'M24 15 C18 24 18 44 24 53 M40 15 C46 24 46 44 40 53 M32 15 V53', fill: 'none', stroke: '#1F215066', 'stroke-width': '2' }),
      svg('path', { d: `${body} M32 2 v6 M32 60 v6`, fill: 'none', 'stroke-linecap': 'round', ...line }),
      svg('rect', { x: '20', y: '7', width: '24', height: '8', rx: '3', fill: '#FF7A6B', ...line }),
      svg('rect', { x: '21', y: '53', width: '22', height: '7', rx: '3', fill: '#FF7A6B', ...line }),
    ),
  );
  return light;
}
