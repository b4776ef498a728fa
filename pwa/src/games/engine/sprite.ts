/** Bitmaps that are drawn once; a frame only copies them. */

type Draw = (ctx: CanvasRenderingContext2D) => void;

export function bitmap(width: number, height: number, draw: Draw, opaque = false): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.ceil(width));
  canvas.height = Math.max(1, Math.ceil(height));
  const ctx = canvas.getContext('2d', { alpha: !opaque });
  if (!ctx) throw new Error('no 2d canvas');
  ctx.lineJoin = 'round';
  ctx.lineCap = 'round';
  draw(ctx);
  return canvas;
}

/** A drawing at four resolutions: a distant one does not shimmer, and costs less. */
export class Sprite {
  readonly height: number;
  readonly #levels: HTMLCanvasElement[] = [];

  /** `density` is how many pixels of the nearest bitmap a unit of the drawing takes. */
  constructor(width: number, height: number, density: number, draw: Draw) {
    this.height = height / width;
    for (let level = 0; level < 4; level += 1) {
      const scale = density / (1 << level);
      this.#levels.push(
        bitmap(width * scale, height * scale, (ctx) => {
          ctx.scale(scale, scale);
          draw(ctx);
        }),
      );
    }
  }

  /** Draw `width` wide, where a unit of `ctx` is `pixels` pixels. */
  draw(ctx: CanvasRenderingContext2D, left: number, top: number, width: number, pixels: number): void {
    let level = 3;
    while (level > 0 && (this.#levels[level]?.width ?? 0) < width * pixels * 0.9) level -= 1;
    const source = this.#levels[level];
    if (source) ctx.drawImage(source, left, top, width, width * this.height);
  }
}

export function shape(ctx: CanvasRenderingContext2D, path: string, fill: string, line = 0, ink = '#0E1029'): void {
  const outline = new Path2D(path);
  ctx.fillStyle = fill;
  ctx.fill(outline);
  if (line > 0) {
    ctx.strokeStyle = ink;
    ctx.lineWidth = line;
    ctx.stroke(outline);
  }
}

export function disc(ctx: CanvasRenderingContext2D, x: number, y: number, r: number, fill: string, line = 0): void {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, Math.PI * 2);
  ctx.fillStyle = fill;
  ctx.fill();
  if (line > 0) {
    ctx.strokeStyle = '#0E1029';
    ctx.lineWidth = line;
    ctx.stroke();
  }
}

/** For ctx.roundRect, which our oldest browsers lack. */
function roundedCorners(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, radius: number): void {
  const r = Math.min(radius, w / 2, h / 2);
  ctx.moveTo(x + r, y);
  ctx.arcTo(x + w, y, x + w, y + h, r);
  ctx.arcTo(x + w, y + h, x, y + h, r);
  ctx.arcTo(x, y + h, x, y, r);
  ctx.arcTo(x, y, x + w, y, r);
  ctx.closePath();
}

export function box(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, r: number, fill: string, line = 0): void {
  ctx.beginPath();
  roundedCorners(ctx, x, y, w, h, r);
  ctx.fillStyle = fill;
  ctx.fill();
  if (line > 0) {
    ctx.strokeStyle = '#0E1029';
    ctx.lineWidth = line;
    ctx.stroke();
  }
}

/** Light around a point; `strength` is two hexadecimal digits. */
export function glow(ctx: CanvasRenderingContext2D, x: number, y: number, r: number, colour: string, strength = 'aa'): void {
  const light = ctx.createRadialGradient(x, y, r * 0.15, x, y, r);
  light.addColorStop(0, `${colour}${strength}`);
  light.addColorStop(0.45, `${colour}44`);
  light.addColorStop(1, `${colour}00`);
  ctx.fillStyle = light;
  ctx.fillRect(x - r, y - r, 2 * r, 2 * r);
}
