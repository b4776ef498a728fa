/** The overlay: a lantern as the timer, the points, the pause button, the countdown, the pause
 * dialog. */

import type { GameOptions } from '../types.ts';
import { WORDS } from './words.ts';

const SVG = 'http://www.w3.org/2000/svg';

export interface Hud {
  readonly canvas: HTMLCanvasElement;
  show(score: number, chain: number, timeLeft: number): void;
  /** Show 3, 2, 1; 0 hides it. */
  count(n: number): void;
  pause(shown: boolean): void;
  remove(): void;
}

export interface HudEvents {
  onPause(): void;
  onContinue(): void;
  onLeave(): void;
}

/** The share of time left below which the lantern swings. */
const LAST_SHARE = 20 / 120;

export function makeHud(host: HTMLElement, options: Pick<GameOptions, 'language' | 'reducedMotion'>, events: HudEvents): Hud {
  const words = WORDS[options.language];
  const root = element('div', options.reducedMotion ? 'runner calm' : 'runner');
  const canvas = document.createElement('canvas');
  canvas.className = 'runner-canvas';
  canvas.dataset.testid = 'game-canvas';
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', words.field);

  const time = element('div', 'runner-time');
  time.setAttribute('role', 'img');
  time.setAttribute('aria-label', words.time);
  const fill = drawLantern(time);

  const points = element('output', 'runner-points');
  points.dataset.testid = 'game-score';
  points.setAttribute('aria-label', words.points);
  points.setAttribute('aria-live', 'off');
  points.textContent = '0';

  const pauseButton = button('runner-pause', words.pause, 'game-pause', events.onPause);
  pauseButton.setAttribute('aria-label', words.pause);
  pauseButton.replaceChildren(icon('M15 11 v26 M33 11 v26'));

  const counter = element('div', 'runner-count');
  counter.setAttribute('role', 'status');

  const paper = element('div', 'runner-paper');
  paper.setAttribute('role', 'dialog');
  paper.setAttribute('aria-modal', 'true');
  paper.setAttribute('aria-label', words.paused);
  const heading = document.createElement('h2');
  heading.textContent = words.paused;
  const goOn = button('paper-button main', words.go_on, 'game-continue', events.onContinue);
  const leave = button('paper-button', words.leave, 'game-leave', events.onLeave);
  goOn.prepend(icon('M16 10 L38 24 L16 38 Z', true));
  leave.prepend(icon('M8 24 L24 9 L40 24 M13 22 V39 H35 V22'));
  paper.append(heading, goOn, leave);
  paper.hidden = true;

  const bar = element('div', 'runner-bar');
  bar.append(time, points, pauseButton);
  root.append(canvas, bar, counter, paper);
  host.append(root);

  let shownScore = -1;
  let shownTime = -1;
  return {
    canvas,
    show(score, chain, timeLeft) {
      if (score !== shownScore) {
        shownScore = score;
        points.textContent = String(score);
        points.classList.toggle('chained', chain >= 4);
        points.classList.remove('bump');
        void points.offsetWidth; // Forces a reflow: the animation restarts.
        points.classList.add('bump');
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
      counter.classList.remove('pop');
      void counter.offsetWidth;
      counter.classList.toggle('pop', n > 0);
    },
    pause(shown) {
      paper.hidden = !shown;
      pauseButton.hidden = shown;
      if (shown) goOn.focus();
    },
    remove: () => root.remove(),
  };
}

function element(tag: string, className: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

function button(className: string, label: string, testId: string, onPress: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = className;
  made.textContent = label;
  made.dataset.testid = testId;
  made.addEventListener('click', onPress);
  return made;
}

function svg(name: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function icon(path: string, filled = false): SVGElement {
  const drawing = svg('svg', { viewBox: '0 0 48 48', width: '32', height: '32', 'aria-hidden': 'true' });
  drawing.append(svg('path', { d: path, fill: filled ? 'currentColor' : 'none', stroke: 'currentColor', 'stroke-width': '6', 'stroke-linecap': 'round', 'stroke-linejoin': 'round' }));
  return drawing;
}

/** Draw a paper lantern whose light sinks; returns the light. */
function drawLantern(parent: HTMLElement): SVGElement {
  const body = 'M18 14 C6 22 6 46 18 54 H46 C58 46 58 22 46 14 Z';
  const drawing = svg('svg', { viewBox: '0 0 64 68', width: '64', height: '68', 'aria-hidden': 'true' });
  const clip = svg('clipPath', { id: 'runner-lantern' });
  clip.append(svg('path', { d: body }));
  const light = svg('rect', { x: '6', y: '14', width: '52', height: '40', fill: '#FFC53D', 'clip-path': 'url(#runner-lantern)' });
  const line = { stroke: '#FFF8EC', 'stroke-width': '3', 'stroke-linejoin': 'round' };
  drawing.append(
    clip,
    svg('path', { d: body, fill: '#0E1029' }),
    light,
    svg('path', { d: 'M24 15 C18 24 18 44 24 53 M40 15 C46 24 46 44 40 53 M32 15 V53', fill: 'none', stroke: '#1F215066', 'stroke-width': '2' }),
    svg('path', { d: `${body} M32 2 v6 M32 60 v6`, fill: 'none', 'stroke-linecap': 'round', ...line }),
    svg('rect', { x: '20', y: '7', width: '24', height: '8', rx: '3', fill: '#FF7A6B', ...line }),
    svg('rect', { x: '21', y: '53', width: '22', height: '7', rx: '3', fill: '#FF7A6B', ...line }),
  );
  parent.append(drawing);
  return light;
}
