/** The picture of docs/adaptation.md, as SVG. */

import { NAMES, ROUNDS, type Course, type Name, type Study } from './study.ts';

const WIDTH = 300;
const HEIGHT = 300;
const COLUMNS = 3;
const HEAD = 74;
/** Of a chart inside its panel. */
const LEFT = 52;
const SPAN = 226;

interface Chart {
  label: string;
  top: number;
  height: number;
  range: readonly [number, number];
  marks: readonly number[];
  of: (course: Course) => readonly number[];
  text: (value: number) => string;
}

/** Shapes differ as well as colours do. */
const LINES: Record<Name, string> = { weak: '2 4', middling: '7 4', strong: 'none' };

const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 18px; font-weight: 600 }
.game { font-size: 14px; font-weight: 600 }
.grid { stroke: #d0d7de }
.target { stroke: #57606a; stroke-dasharray: 1 3 }
.line { fill: none; stroke-width: 2.5; stroke-linecap: round }
.weak { stroke: #b35900 } .middling { stroke: #0969da } .strong { stroke: #1a7f37 }
.paper { fill: #ffffff }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.grid { stroke: #3d444d }
.target { stroke: #9198a1 }
.weak { stroke: #f0883e } .middling { stroke: #58a6ff } .strong { stroke: #56d364 }
.paper { fill: #0d1117 }
}`;

const n = (value: number) => String(Math.round(value * 10) / 10);
const percent = (value: number) => `${Math.round(value * 100)} %`;
const xOf = (round: number) => LEFT + 10 + ((SPAN - 20) / (ROUNDS - 1)) * round;

function chartOf({ label, top, height, range: [low, high], marks, of, text }: Chart, { courses, target }: Study): string {
  const yOf = (value: number) => top + height - ((value - low) / (high - low)) * height;
  const grid = marks.map(
    (mark) =>
      `<line class="grid" x1="${LEFT}" x2="${LEFT + SPAN}" y1="${n(yOf(mark))}" y2="${n(yOf(mark))}"/>` +
      `<text x="${LEFT - 6}" y="${n(yOf(mark) + 4)}" text-anchor="end">${text(mark)}</text>`,
  );
  const isShare = high === 1;
  const aim = isShare ? [`<line class="target" x1="${LEFT}" x2="${LEFT + SPAN}" y1="${n(yOf(target))}" y2="${n(yOf(target))}"/>`] : [];
  const lines = NAMES.map((name) => {
    const points = of(courses[name]).map((value, round) => `${n(xOf(round))},${n(yOf(Math.max(low, value)))}`);
    return `<polyline class="line ${name}" stroke-dasharray="${LINES[name]}" points="${points.join(' ')}"/>`;
  });
  return [`<text x="${LEFT}" y="${top - 8}">${label}${isShare ? `, target ${percent(target)}` : ''}</text>`, ...grid, ...aim, ...lines].join('\n');
}

function panelOf(study: Study, at: number): string {
  const [lowest, highest] = study.levels;
  const level: Chart = {
    label: 'level at the start of each round',
    top: 50,
    height: 100,
    range: [lowest, highest],
    marks: [lowest, (lowest + highest + 1) >> 1, highest],
    of: ({ levels }) => levels,
    text: String,
  };
  const share: Chart = {
    label: 'right in its second half',
    top: 182,
    height: 66,
    range: [0.4, 1],
    marks: [0.4, 0.7, 1],
    of: ({ late }) => late,
    text: percent,
  };
  const numbers = Array.from({ length: ROUNDS }, (_, round) => `<text x="${n(xOf(round))}" y="264" text-anchor="middle">${round + 1}</text>`);
  const [x, y] = [(at % COLUMNS) * WIDTH, HEAD + Math.floor(at / COLUMNS) * HEIGHT];
  return [
    `<g transform="translate(${x} ${y})">`,
    `<text class="game" x="${LEFT}" y="22">${study.title}</text>`,
    chartOf(level, study),
    chartOf(share, study),
    ...numbers,
    `<text x="${LEFT + SPAN / 2}" y="280" text-anchor="middle">round</text>`,
    '</g>',
  ].join('\n');
}

export function pictureOf(all: readonly Study[]): string {
  const [width, height] = [WIDTH * COLUMNS, HEAD + HEIGHT * Math.ceil(all.length / COLUMNS)];
  const legend = NAMES.map((name, at) => {
    const x = LEFT + at * 130;
    return `<line class="line ${name}" stroke-dasharray="${LINES[name]}" x1="${x}" x2="${x + 34}" y1="54" y2="54"/><text x="${x + 42}" y="58">${name}</text>`;
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title about">`,
    '<title id="title">How the level follows a child</title>',
    `<desc id="about">For each game, the level and the share of right answers of weak, middling and strong simulated children over ${ROUNDS} rounds.</desc>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<text class="title" x="${LEFT}" y="32">How the level follows a child</text>`,
    ...legend,
    ...all.map(panelOf),
    '</svg>',
  ].join('\n')}\n`;
}
