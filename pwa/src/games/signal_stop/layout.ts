/** Where everything is, in canvas pixels; made again for each size of the canvas. */

import { looks } from '../engine/city.ts';

/** Stripes of the crossing: Neo hops from one to the next. */
export const STRIPES = 8;
const WIRES = 3;
/** Places on the wires and in the sky; later ones use them again. */
export const HUNG = 66;
export const STARS = 28;
/** For a place far from the other stars. */
const TRIES = 60;

export interface Layout {
  width: number;
  height: number;
  /** Canvas pixels in a CSS pixel. */
  scale: number;
  horizon: number;
  /** Neo's feet, and Neo's height. */
  ground: number;
  neo: number;
  /** The middle of the crossing, half of its width, and how far from the middle Neo goes. */
  middle: number;
  half: number;
  reach: number;
  /** The lantern that is to be answered: its middle and radius. */
  signalX: number;
  signalY: number;
  signalR: number;
  hungX: Float32Array;
  hungY: Float32Array;
  hungSize: number;
  starX: Float32Array;
  starY: Float32Array;
  starSize: number;
}

/** `bar` is the height of the bar at the top. */
export function layOut(width: number, height: number, scale: number, bar: number): Layout {
  const horizon = Math.round(height * 0.6);
  const ground = height * 0.86;
  const middle = width / 2;
  const neo = Math.min(height * 0.25, width * 0.42);
  const signalR = Math.min((horizon - bar) * 0.27, width * 0.22);
  const half = Math.min(width * 0.4, height * 0.55);
  const layout: Layout = {
    ...{ width, height, scale, horizon, ground, neo, middle },
    half,
    reach: Math.min(half * 0.92, middle - neo * 0.5),
    signalX: middle,
    signalY: Math.max(height * 0.35, signalR * 1.3 + bar),
    signalR,
    hungX: new Float32Array(HUNG),
    hungY: new Float32Array(HUNG),
    hungSize: Math.max(30 * scale, Math.min(width * 0.052, height * 0.06)),
    starX: new Float32Array(STARS),
    starY: new Float32Array(STARS),
    starSize: Math.max(20 * scale, Math.min(width * 0.05, height * 0.05)),
  };
  hang(layout);
  placeStars(layout, bar);
  return layout;
}

/** The sagging wires over the street; the middle of each fills first. */
function hang({ width, height, hungX, hungY, middle }: Layout): void {
  const perWire = HUNG / WIRES;
  for (let n = 0; n < HUNG; n += 1) {
    const place = n % perWire;
    const out = (((place + 1) >> 1) / (perWire / 2)) * (place % 2 === 0 ? -1 : 1);
    hungX[n] = middle + out * width * 0.49;
    hungY[n] = wireY(height, Math.floor(n / perWire), out);
  }
}

/** Height of a wire at `out`: -1 at its left end, 1 at its right. */
export function wireY(height: number, wire: number, out: number): number {
  return height * (0.535 - wire * 0.035 - out * out * 0.03);
}

export const WIRE_COUNT = WIRES;

/** In the sky to both sides of the signal, far enough from each other. */
function placeStars({ height, width, signalR, middle, starX, starY, starSize }: Layout, bar: number): void {
  const next = looks(41);
  const top = bar + starSize * 0.4;
  const bottom = height * 0.37;
  for (let n = 0; n < STARS; n += 1) {
    let best = -1;
    for (let tried = 0; tried < TRIES; tried += 1) {
      const side = n % 2 === 0 ? -1 : 1;
      const near = Math.min(signalR * 1.35, middle * 0.6);
      const x = middle + side * (near + next() * (middle - near - starSize * 0.7));
      const y = top + next() * Math.max(1, bottom - top);
      let gap = width;
      for (let other = 0; other < n; other += 1) gap = Math.min(gap, Math.hypot(x - (starX[other] ?? 0), y - (starY[other] ?? 0)));
      if (gap <= best) continue;
      best = gap;
      starX[n] = x;
      starY[n] = y;
      if (gap > starSize * 3) break;
    }
  }
}
