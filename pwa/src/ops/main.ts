/** The operations page: fetches the figures every two seconds and draws them. */

import uPlot from 'uplot';

import 'uplot/dist/uPlot.min.css';
import './ops.css';
import { milliseconds, number, silent, tiles, type Picture } from './picture.ts';

const EVERY_MS = 2000;
const KEPT = 150;
const TOKEN = 'neuroplay-ops-token';

const element = <Kind extends HTMLElement>(id: string) => document.getElementById(id) as Kind;

type Line = [label: string, colour: string, value: (picture: Picture) => number | null];

const CHARTS: [title: string, lines: Line[]][] = [
  ['Requests per second', [['requests', '#2F5BEA', ({ all }) => all.per_second]]],
  [
    'Response time, ms',
    [
      ['p50', '#0C7A5F', ({ all }) => all.p50_ms],
      ['p95', '#B07A00', ({ all }) => all.p95_ms],
      ['p99', '#C43A30', ({ all }) => all.p99_ms],
    ],
  ],
  ['Pending games', [['pending', '#7A5CE0', ({ inbox }) => inbox.pending ?? null]]],
  [
    'CPU and memory, %',
    [
      ['CPU', '#C43A30', ({ host }) => host.cpu && host.cpu * 100],
      ['memory', '#2F5BEA', ({ host }) => host.memory && host.memory * 100],
    ],
  ],
];

class Chart {
  private readonly times: number[] = [];
  private readonly values: (number | null)[][];
  private readonly plot: uPlot;

  constructor(title: string, private readonly lines: Line[]) {
    this.values = lines.map(() => []);
    const figure = document.createElement('figure');
    const caption = document.createElement('figcaption');
    caption.textContent = title;
    figure.append(caption);
    element('charts').append(figure);
    const axis = { stroke: () => getComputedStyle(document.body).color, grid: { stroke: 'rgba(128, 128, 160, .25)' } };
    this.plot = new uPlot(
      {
        width: figure.clientWidth - 24,
        height: 170,
        legend: { live: false, show: lines.length > 1 },
        cursor: { show: false },
        scales: { y: { range: (_, __, highest) => [0, Math.max(highest * 1.1, 1)] } },
        axes: [{ ...axis, values: '{HH}:{mm}:{ss}', space: 70 }, axis],
        series: [{}, ...lines.map(([label, stroke]) => ({ label, stroke, width: 2, spanGaps: false, points: { show: false } }))],
      },
      [[], ...lines.map(() => [])],
      figure,
    );
    new ResizeObserver(() => this.plot.setSize({ width: figure.clientWidth - 24, height: 170 })).observe(figure);
  }

  add(at: number, picture: Picture): void {
    this.times.push(at);
    this.lines.forEach(([, , value], index) => this.values[index]?.push(value(picture)));
    for (const kept of [this.times, ...this.values]) if (kept.length > KEPT) kept.shift();
    this.plot.setData([this.times, ...this.values] as uPlot.AlignedData);
  }
}

let charts: Chart[] | undefined;

function row(...cells: string[]): HTMLTableRowElement {
  const made = document.createElement('tr');
  made.append(...cells.map((text) => Object.assign(document.createElement('td'), { textContent: text })));
  return made;
}

function draw(picture: Picture): void {
  element('door').hidden = true;
  element('picture').hidden = false;
  element('tiles').replaceChildren(
    ...tiles(picture).map(({ name, value, mood }) => {
      const tile = document.createElement('div');
      tile.className = mood;
      tile.append(
        Object.assign(document.createElement('dt'), { textContent: name }),
        Object.assign(document.createElement('dd'), { textContent: value }),
      );
      return tile;
    }),
  );
  element('requests').replaceChildren(
    ...picture.requests.map((one) =>
      row(one.endpoint, number(one.count), number(one.per_second), number(one.failed), milliseconds(one.p50_ms), milliseconds(one.p95_ms), milliseconds(one.p99_ms)),
    ),
  );
  const errors = picture.errors.map(({ count, error_type, component }) => `${count} × ${error_type} in ${component}`);
  element('errors').replaceChildren(
    ...(errors.length ? errors : ['None.']).map((text) => Object.assign(document.createElement('li'), { textContent: text })),
  );
  charts ??= CHARTS.map(([title, lines]) => new Chart(title, lines));
  for (const chart of charts) chart.add(Date.now() / 1000, picture);
}

function say(text: string, bad: boolean): void {
  const state = element('state');
  // Setting the same text again would make screen readers repeat it.
  if (state.textContent !== text) state.textContent = text;
  state.classList.toggle('bad', bad);
}

/** For AbortSignal.timeout, which our oldest browsers lack. */
function timeLimit(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller.signal;
}

async function look(): Promise<void> {
  const token = sessionStorage.getItem(TOKEN);
  try {
    const answer = await fetch('/ops/figures', {
      headers: token ? { Authorization: `Bearer ${token}` } : {},
      signal: timeLimit(5000),
    });
    if (answer.status === 401 || answer.status === 404) {
      element('door').hidden = false;
      element('picture').hidden = true;
      say(token ? 'Wrong token.' : 'Enter the token.', token !== null);
      sessionStorage.removeItem(TOKEN);
      return;
    }
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const picture = (await answer.json()) as Picture;
    draw(picture);
    const trouble = silent(picture);
    say(trouble.length ? trouble.join(', ') : 'Everything responds.', trouble.length > 0);
  } catch (error) {
    say(`No response: ${error instanceof Error ? error.message : 'unknown'}`, true);
  }
  setTimeout(() => void look(), EVERY_MS);
}

element<HTMLFormElement>('door').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, element<HTMLInputElement>('token').value);
  void look();
});
void look();
