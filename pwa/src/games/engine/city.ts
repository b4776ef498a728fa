/** The night city that games play in: sky, houses, strings of lanterns. */

import { disc, glow, shape } from './sprite.ts';

/** A small random generator for looks only: the same city each time. */
export function looks(seed: number): () => number {
  let x = seed;
  return () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return (x >> 8) / 0x7fffff;
  };
}

/** Dusk over the horizon, and stars. */
export function drawSky(ctx: CanvasRenderingContext2D, width: number, horizon: number, scale: number): void {
  const dusk = ctx.createLinearGradient(0, 0, 0, horizon);
  dusk.addColorStop(0, '#0E1029');
  dusk.addColorStop(0.5, '#1F2060');
  dusk.addColorStop(0.82, '#51398C');
  dusk.addColorStop(1, '#A3558E');
  ctx.fillStyle = dusk;
  ctx.fillRect(0, 0, width, horizon + 1);
  const next = looks(7);
  for (let n = 0; n < 90; n += 1) {
    ctx.globalAlpha = 0.25 + next() * 0.7;
    disc(ctx, next() * width, next() * horizon * 0.75, (0.5 + next() * 0.9) * scale, '#FFF8EC');
  }
  ctx.globalAlpha = 1;
}

export function drawMoon(ctx: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  glow(ctx, x, y, r * 2.6, '#FFE9B0', '66');
  disc(ctx, x, y, r, '#FFF3D6');
  for (const [dx, dy, s] of [[-0.3, -0.2, 0.22], [0.34, 0.18, 0.16], [-0.08, 0.46, 0.13]] as const) {
    disc(ctx, x + dx * r, y + dy * r, s * r, '#F2DFB4');
  }
}

/** A row of houses; fills the width of the canvas. */
export function city(ctx: CanvasRenderingContext2D, seed: number, scale: number, height: number, wall: string, light: string, roof: string): void {
  const { width } = ctx.canvas;
  const next = looks(seed);
  for (let x = -20 * scale; x < width; ) {
    const w = (34 + next() * 34) * scale;
    const h = height * (0.34 + next() * 0.5);
    const top = height - h;
    ctx.fillStyle = wall;
    ctx.fillRect(x, top, w + 1, h);
    const kind = next();
    const eave = 6 * scale;
    const peak = w * (kind < 0.3 ? 0.3 : 0.42);
    if (kind < 0.72) {
      // A roof that turns up at its ends, like folded paper.
      shape(ctx, `M${x - eave} ${top} Q${x + w * 0.3} ${top - peak * 0.25} ${x + w / 2} ${top - peak} Q${x + w * 0.7} ${top - peak * 0.25} ${x + w + eave} ${top} Z`, roof);
      if (kind < 0.3) {
        const mid = top + h * 0.28;
        shape(ctx, `M${x - eave} ${mid + 5 * scale} Q${x + w / 2} ${mid - 9 * scale} ${x + w + eave} ${mid + 5 * scale} Z`, roof);
      }
    }
    ctx.fillStyle = light;
    for (let wy = top + 9 * scale; wy < height - 8 * scale; wy += 13 * scale) {
      for (let wx = x + 6 * scale; wx < x + w - 8 * scale; wx += 11 * scale) {
        if (next() < 0.36) {
          ctx.globalAlpha = 0.45 + next() * 0.55;
          ctx.fillRect(wx, wy, 4.5 * scale, 6 * scale);
        }
      }
    }
    ctx.globalAlpha = 1;
    x += w;
  }
}

/** Strings of paper lanterns between the houses. */
export function strings(ctx: CanvasRenderingContext2D, scale: number): void {
  const span = 150 * scale;
  const sag = 22 * scale;
  const y = 6 * scale;
  for (let x = -20 * scale; x < ctx.canvas.width; x += span) {
    ctx.strokeStyle = '#B9A3FF99';
    ctx.lineWidth = 1.5 * scale;
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.quadraticCurveTo(x + span / 2, y + sag * 2, x + span, y);
    ctx.stroke();
    for (const [part, colour] of [[0.2, '#FFC53D'], [0.5, '#FF7A6B'], [0.8, '#FFC53D']] as const) {
      const lx = x + span * part;
      const ly = y + sag * 4 * part * (1 - part) + 7 * scale;
      glow(ctx, lx, ly, 17 * scale, colour, '99');
      ctx.beginPath();
      ctx.ellipse(lx, ly, 6 * scale, 7.5 * scale, 0, 0, Math.PI * 2);
      ctx.fillStyle = colour;
      ctx.fill();
      disc(ctx, lx, ly + 2 * scale, 3 * scale, '#FFF3C4');
    }
  }
}
