/** The drawing itself, apart from the page so that it loads later. */

import uPlot from 'uplot';

import 'uplot/dist/uPlot.min.css';
import type { Line } from './Plot.tsx';

interface What {
  line: Line;
  lowest: number;
  highest: number;
  unit: string;
  mark: number | undefined;
  tag: string;
  height: number;
}

const INK = '#1f2150';
const SKY = '#2f5bea';
const FAINT = 'rgba(90, 93, 134, .22)';

/** A day around a single round, so that it stands in the middle. */
const MARGIN_S = 12 * 3600;

export function draw(place: HTMLElement, { line, lowest, highest, unit, mark, tag, height }: What): uPlot {
  const axis = { stroke: INK, font: '13px "Atkinson Hyperlegible Next Variable", sans-serif', grid: { stroke: FAINT }, ticks: { stroke: FAINT } };
  const day = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short' });
  const marks = mark === undefined ? [] : [line.times.map(() => mark)];
  return new uPlot(
    {
      width: place.clientWidth,
      height,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { range: (_, first, last) => (last - first < MARGIN_S ? [first - MARGIN_S, last + MARGIN_S] : [first, last]) },
        y: { range: [lowest, highest] },
      },
      axes: [
        { ...axis, size: 34, space: 70, values: (_, times) => onceEach(times.map((time) => day.format(time * 1000))) },
        { ...axis, size: 52, space: 30, values: (_, values) => values.map((value) => (Number.isInteger(value) ? `${value.toLocaleString(tag)}${unit}` : '')) },
      ],
      series: [
        {},
        { stroke: SKY, width: 2, spanGaps: true, points: { show: true, size: 6, fill: SKY } },
        ...marks.map(() => ({ stroke: '#0c7a5f', width: 1.5, dash: [6, 5], points: { show: false } })),
      ],
    },
    [line.times, line.values, ...marks],
    place,
  );
}

/** Within a day, its name once. */
const onceEach = (names: string[]) => names.map((name, index) => (name === names[index - 1] ? '' : name));
