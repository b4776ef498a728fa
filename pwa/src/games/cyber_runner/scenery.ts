/** The night city: three layers, drawn once for a size of the screen and then only shifted. */

export interface Scenery {
  sky: HTMLCanvasElement;
  far: HTMLCanvasElement;
  near: HTMLCanvasElement;
  draw(ctx: CanvasRenderingContext2D, width: number, horizon: number, shift: number): void;
}

/** The same city each time: a small generator of its own, for looks alone. */
function looks(seed: number): () => number {
  let x = seed;
  return () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return x / 0x7fffffff;
  };
}

export function makeScenery(width: number, horizon: number): Scenery {
  const wide = Math.ceil(width * 1.2);
  const layer = (height: number, draw: (ctx: CanvasRenderingContext2D) => void) => {
    const canvas = document.createElement('canvas');
    canvas.width = wide;
    canvas.height = Math.max(1, Math.ceil(height));
    const ctx = canvas.getContext('2d');
    if (ctx) draw(ctx);
    return canvas;
  };
  const sky = layer(horizon + 2, (ctx) => {
    const dusk = ctx.createLinearGradient(0, 0, 0, horizon);
    dusk.addColorStop(0, '#0E1029');
    dusk.addColorStop(0.62, '#1E2158');
    dusk.addColorStop(1, '#4B3A86');
    ctx.fillStyle = dusk;
    ctx.fillRect(0, 0, wide, horizon + 2);
    const next = looks(7);
    for (let n = 0; n < 70; n += 1) {
      ctx.globalAlpha = 0.25 + next() * 0.7;
      ctx.fillStyle = '#FFF8EC';
      const r = 0.6 + next() * 1.4;
      ctx.fillRect(next() * wide, next() * horizon * 0.7, r, r);
    }
    ctx.globalAlpha = 1;
    const r = Math.min(46, horizon * 0.16);
    ctx.fillStyle = '#FFF8EC22';
    ctx.beginPath();
    ctx.arc(wide * 0.76, horizon * 0.3, r * 1.7, 0, 7);
    ctx.fill();
    ctx.fillStyle = '#FFF3D6';
    ctx.beginPath();
    ctx.arc(wide * 0.76, horizon * 0.3, r, 0, 7);
    ctx.fill();
    ctx.fillStyle = '#F2DFB4';
    for (const [dx, dy, s] of [[-0.3, -0.2, 0.22], [0.3, 0.15, 0.16], [-0.05, 0.42, 0.13]] as const) {
      ctx.beginPath();
      ctx.arc(wide * 0.76 + dx * r, horizon * 0.3 + dy * r, s * r, 0, 7);
      ctx.fill();
    }
  });
  const far = layer(horizon * 0.5, (ctx) => city(ctx, wide, horizon * 0.5, 11, '#2B2A6B', '#FFC53D66', 34));
  const near = layer(horizon * 0.36, (ctx) => {
    city(ctx, wide, horizon * 0.36, 23, '#171A3F', '#FFC53DCC', 52);
    lanterns(ctx, wide, horizon * 0.12);
  });
  return {
    sky,
    far,
    near,
    draw(ctx, screen, line, shift) {
      const slack = (wide - screen) / 2;
      ctx.drawImage(sky, -slack - shift * slack * 0.2, 0);
      ctx.drawImage(far, -slack - shift * slack * 0.5, line - far.height + 1);
      ctx.drawImage(near, -slack - shift * slack * 0.9, line - near.height + 1);
    },
  };
}

function city(ctx: CanvasRenderingContext2D, width: number, height: number, seed: number, wall: string, light: string, house: number): void {
  const next = looks(seed);
  for (let x = -10; x < width; ) {
    const w = house * (0.6 + next() * 0.8);
    const h = height * (0.35 + next() * 0.55);
    const top = height - h;
    ctx.fillStyle = wall;
    ctx.fillRect(x, top, w + 1, h);
    if (next() < 0.5) {
      ctx.beginPath();
      ctx.moveTo(x - 4, top + 1);
      ctx.lineTo(x + w / 2, top - w * 0.35);
      ctx.lineTo(x + w + 4, top + 1);
      ctx.fill();
    }
    ctx.fillStyle = light;
    for (let wy = top + 8; wy < height - 8; wy += 13) {
      for (let wx = x + 6; wx < x + w - 8; wx += 11) {
        if (next() < 0.34) ctx.fillRect(wx, wy, 4, 6);
      }
    }
    x += w;
  }
}

/** Strings of paper lanterns between the houses. */
function lanterns(ctx: CanvasRenderingContext2D, width: number, y: number): void {
  const span = 170;
  for (let x = 0; x < width; x += span) {
    ctx.strokeStyle = '#B9A3FF88';
    ctx.lineWidth = 1.5;
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.quadraticCurveTo(x + span / 2, y + 34, x + span, y);
    ctx.stroke();
    for (const [part, colour] of [[0.22, '#FFC53D'], [0.5, '#FF7A6B'], [0.78, '#FFC53D']] as const) {
      const lx = x + span * part;
      const ly = y + 34 * 2 * part * (1 - part) + 6;
      ctx.fillStyle = `${colour}33`;
      ctx.beginPath();
      ctx.arc(lx, ly, 13, 0, 7);
      ctx.fill();
      ctx.fillStyle = colour;
      ctx.beginPath();
      ctx.ellipse(lx, ly, 5, 6.5, 0, 0, 7);
      ctx.fill();
    }
  }
}
