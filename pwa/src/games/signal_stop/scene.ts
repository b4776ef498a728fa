/** What never moves: the night city, the street and its crossing. Drawn once for each size. There is no
 * moon: it would be a round light beside the lanterns. */

import { city, drawSky } from '../engine/city.ts';
import { bitmap, disc, glow } from '../engine/sprite.ts';
import { STRIPES, wireY, WIRE_COUNT, type Layout } from './layout.ts';

export function drawScene(layout: Layout): HTMLCanvasElement {
  const { width, height } = layout;
  return bitmap(width, height, (ctx) => {
    const { horizon, scale } = layout;
    const detail = Math.min(scale, horizon / 300);
    drawSky(ctx, width, horizon, detail);
    houses(ctx, layout, detail, 0.3, 11, '#373080', '#FFB86B88', '#4A3D98');
    houses(ctx, layout, detail * 1.4, 0.2, 23, '#1D1D52', '#FFC53D', '#2B2768');
    street(ctx, layout);
    wires(ctx, layout);
  }, true);
}

function houses(ctx: CanvasRenderingContext2D, { width, height, horizon }: Layout, scale: number, share: number, seed: number, wall: string, light: string, roof: string): void {
  const tall = height * share;
  const row = bitmap(width, tall, (own) => city(own, seed, scale, tall, wall, light, roof));
  ctx.drawImage(row, 0, horizon - tall);
}

function street(ctx: CanvasRenderingContext2D, layout: Layout): void {
  const { width, height, horizon, ground, middle, half, neo, scale } = layout;
  const road = ctx.createLinearGradient(0, horizon, 0, height);
  road.addColorStop(0, '#4A3D98');
  road.addColorStop(0.3, '#32347F');
  road.addColorStop(1, '#1B1D4A');
  ctx.fillStyle = road;
  ctx.fillRect(0, horizon, width, height - horizon);
  ctx.fillStyle = '#0E1029';
  ctx.fillRect(0, horizon - 2 * scale, width, 4 * scale);
  // Stripes, narrower at the far side.
  const wide = (half * 2) / STRIPES;
  const top = ground - neo * 0.24;
  const bottom = ground + neo * 0.2;
  for (let n = 0; n <= STRIPES; n += 1) {
    const at = -half + n * wide;
    ctx.beginPath();
    ctx.moveTo(middle + (at - wide * 0.28) * 0.93, top);
    ctx.lineTo(middle + (at + wide * 0.28) * 0.93, top);
    ctx.lineTo(middle + (at + wide * 0.33) * 1.06, bottom);
    ctx.lineTo(middle + (at - wide * 0.33) * 1.06, bottom);
    ctx.closePath();
    ctx.fillStyle = '#FFF8EC';
    ctx.globalAlpha = 0.85;
    ctx.fill();
    ctx.globalAlpha = 1;
  }
  for (const side of [-1, 1]) post(ctx, middle + side * (half + wide * 0.75), top + neo * 0.06, neo);
}

/** A lamp post at an end of the crossing. */
function post(ctx: CanvasRenderingContext2D, x: number, foot: number, neo: number): void {
  const tall = neo * 0.9;
  const line = neo * 0.05;
  ctx.strokeStyle = '#0E1029';
  ctx.lineWidth = line;
  ctx.beginPath();
  ctx.moveTo(x, foot);
  ctx.lineTo(x, foot - tall);
  ctx.stroke();
  ctx.fillStyle = '#0E1029';
  ctx.fillRect(x - line * 2, foot - line, line * 4, line * 1.6);
  glow(ctx, x, foot - tall, neo * 0.3, '#FF7A6B', '99');
  disc(ctx, x, foot - tall, neo * 0.09, '#FF7A6B', Math.max(2, line * 0.5));
  disc(ctx, x, foot - tall + neo * 0.02, neo * 0.04, '#FFD2C4');
}

/** The wires for carried lanterns, and the one from which the signal hangs. */
function wires(ctx: CanvasRenderingContext2D, { width, height, middle, signalX, signalY, signalR, scale }: Layout): void {
  ctx.strokeStyle = '#B9A3FF99';
  ctx.lineWidth = 1.5 * scale;
  for (let wire = 0; wire < WIRE_COUNT; wire += 1) {
    ctx.beginPath();
    for (let n = -20; n <= 20; n += 1) ctx.lineTo(middle + (n / 20) * width * 0.5, wireY(height, wire, n / 20));
    ctx.stroke();
  }
  const hook = signalY - signalR * 1.35;
  ctx.strokeStyle = '#B9A3FF';
  ctx.lineWidth = 2.5 * scale;
  ctx.beginPath();
  ctx.moveTo(0, hook - height * 0.05);
  ctx.quadraticCurveTo(signalX, hook + height * 0.05, width, hook - height * 0.05);
  ctx.stroke();
  disc(ctx, signalX, hook, 6 * scale, '#B9A3FF', 2 * scale);
  // A dark place in the sky, so that the lantern stands out.
  const dark = ctx.createRadialGradient(signalX, signalY, signalR * 0.6, signalX, signalY, signalR * 1.7);
  dark.addColorStop(0, '#0E1029aa');
  dark.addColorStop(1, '#0E102900');
  ctx.fillStyle = dark;
  ctx.fillRect(signalX - signalR * 2, signalY - signalR * 2, signalR * 4, signalR * 4);
}
