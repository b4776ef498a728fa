/** The big lantern: it asks, and its light sinks while there is time to answer. */

import { svg } from '../engine/dom.ts';
import { MINUS, MOST, MOST_DOTS, PLUS_DOTS, TIMES } from './rules_levels.ts';
import type { Task } from './rules_task.ts';
import { CORAL, figures, GLOW, INK, lights, LINE, star, SUN } from './view_paper.ts';

const BODY = 'M78 44 C24 62 24 168 78 186 H242 C296 168 296 62 242 44 Z';
const TOP = 44;
const HEIGHT = 142;
const MIDDLE = { x: 160, y: 116 };
const SIGNS: Record<number, string> = { [MINUS]: '−', [TIMES]: '×' };

export interface TaskLantern {
  readonly drawing: SVGElement;
  ask(task: Task): void;
  /** Show the answer with the task. */
  tell(task: Task): void;
  /** The share of the light that is left. */
  light(left: number): void;
}

let lanterns = 0;

export function taskLantern(): TaskLantern {
  const clip = `number-rush-${(lanterns += 1)}`;
  const halo = svg('ellipse', { cx: '160', cy: '115', rx: '210', ry: '150', fill: GLOW });
  const light = svg('rect', { x: '20', width: '280', fill: SUN, 'clip-path': `url(#${clip})` });
  const face = svg('g', {});
  const drawing = svg(
    'svg',
    { viewBox: '0 0 320 224', 'aria-hidden': 'true' },
    svg('clipPath', { id: clip }, svg('path', { d: BODY })),
    halo,
    svg('path', { d: 'M160 26 V12 a6 6 0 1 0 -6 -6', fill: 'none', stroke: '#B9A3FF', 'stroke-width': '4', 'stroke-linecap': 'round' }),
    svg('path', { d: BODY, fill: '#B3A7DE' }),
    light,
    svg('path', { d: 'M108 46 C84 78 84 152 108 184 M212 46 C236 78 236 152 212 184', fill: 'none', stroke: INK, 'stroke-width': '2', opacity: '.2' }),
    svg('path', { d: BODY, fill: 'none', ...LINE }),
    svg('rect', { x: '112', y: '28', width: '96', height: '18', rx: '6', fill: CORAL, ...LINE }),
    svg('rect', { x: '112', y: '184', width: '96', height: '16', rx: '6', fill: CORAL, ...LINE }),
    svg('path', { d: 'M134 200 v14 M160 200 v20 M186 200 v14', fill: 'none', ...LINE, stroke: CORAL }),
    face,
  );
  let shown = -1;
  return {
    drawing,
    ask(task) {
      face.replaceChildren(...question(task));
    },
    tell(task) {
      face.replaceChildren(...answered(task));
    },
    light(left) {
      const height = Math.round(left * HEIGHT);
      if (height === shown) return;
      shown = height;
      light.setAttribute('y', String(TOP + HEIGHT - height));
      light.setAttribute('height', String(height));
      halo.setAttribute('opacity', (0.1 + 0.35 * left).toFixed(2));
    },
  };
}

function question(task: Task): SVGElement[] {
  const { kind, a, b } = task;
  if (kind === MOST || kind === MOST_DOTS) return greatest();
  if (kind !== PLUS_DOTS) return [figures(`${a} ${SIGNS[kind] ?? '+'} ${b}`, MIDDLE.x, MIDDLE.y, { most: 88, width: 226 })];
  return [...lights(a, 100, MIDDLE.y, 28), figures('+', MIDDLE.x, MIDDLE.y, { most: 64, width: 226 }), ...lights(b, 220, MIDDLE.y, 28)];
}

function answered({ kind, a, b, right }: Task): SVGElement[] {
  if (kind === MOST || kind === MOST_DOTS) return [star(102, MIDDLE.y, 26), figures(String(right), 186, MIDDLE.y, { most: 88, width: 140 })];
  return [
    figures(`${a} ${SIGNS[kind] ?? '+'} ${b}`, MIDDLE.x, 82, { most: 48, width: 180 }),
    figures(`= ${right}`, MIDDLE.x, 138, { most: 64, width: 220 }),
  ];
}

/** Three steps, each higher than the last, and a star on the highest. */
function greatest(): SVGElement[] {
  const steps = [26, 48, 78].map((height, at) =>
    svg('rect', {
      ...{ x: String(96 + at * 44), y: String(170 - height), width: '40', height: String(height), rx: '5' },
      ...{ fill: at === 2 ? '#3DDCB0' : '#FFF8EC', ...LINE },
    }),
  );
  return [...steps, star(204, 74, 18)];
}
