/** Everything that moves is drawn once into a bitmap; a frame only copies bitmaps. */

const INK = '#0E1029';

export interface Sprites {
  orb: HTMLCanvasElement;
  /** By difficulty: the higher, the more it looks like an orb. */
  decoy: HTMLCanvasElement;
  spikes: HTMLCanvasElement;
  hurdle: HTMLCanvasElement;
  neo: HTMLCanvasElement;
  glow: HTMLCanvasElement;
  puff: HTMLCanvasElement;
  post: HTMLCanvasElement;
}

type Draw = (ctx: CanvasRenderingContext2D) => void;

function bitmap(width: number, height: number, draw: Draw): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const ctx = canvas.getContext('2d');
  if (!ctx) throw new Error('no 2d canvas');
  ctx.lineJoin = 'round';
  ctx.lineCap = 'round';
  ctx.strokeStyle = INK;
  draw(ctx);
  return canvas;
}

function shape(ctx: CanvasRenderingContext2D, path: string, fill: string, line = 7): void {
  const outline = new Path2D(path);
  ctx.fillStyle = fill;
  ctx.fill(outline);
  if (line > 0) {
    ctx.lineWidth = line;
    ctx.stroke(outline);
  }
}

function disc(ctx: CanvasRenderingContext2D, x: number, y: number, r: number, fill: string, line = 0): void {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, Math.PI * 2);
  ctx.fillStyle = fill;
  ctx.fill();
  if (line > 0) {
    ctx.lineWidth = line;
    ctx.stroke();
  }
}

function glow(ctx: CanvasRenderingContext2D, x: number, y: number, r: number, colour: string): void {
  const light = ctx.createRadialGradient(x, y, r * 0.2, x, y, r);
  light.addColorStop(0, `${colour}aa`);
  light.addColorStop(1, `${colour}00`);
  ctx.fillStyle = light;
  ctx.fillRect(x - r, y - r, 2 * r, 2 * r);
}

export function makeSprites(difficulty: number): Sprites {
  return {
    orb: bitmap(160, 160, (ctx) => {
      glow(ctx, 80, 80, 80, '#FFC53D');
      disc(ctx, 80, 80, 42, '#FFC53D', 7);
      disc(ctx, 80, 80, 26, '#FFE08A');
      disc(ctx, 66, 64, 10, '#FFF8EC');
    }),
    decoy: bitmap(160, 160, (ctx) => drawDecoy(ctx, difficulty)),
    spikes: bitmap(240, 200, (ctx) => {
      glow(ctx, 120, 150, 110, '#FF7A6B');
      shape(ctx, 'M20 186 L44 84 L72 138 L98 40 L122 118 L150 28 L172 126 L198 70 L220 186 Z', '#E8493D');
      shape(ctx, 'M52 176 L60 130 L80 168 L102 92 L124 160 L148 88 L166 164 L190 120 L194 176 Z', '#FF7A6B', 0);
      shape(ctx, 'M14 178 h212 v14 h-212 Z', '#5A2440', 6);
    }),
    hurdle: bitmap(520, 130, (ctx) => {
      shape(ctx, 'M18 118 V40 M260 118 V40 M502 118 V40', '#5A2440', 14);
      shape(ctx, 'M12 30 h496 v40 h-496 Z', '#E8493D');
      for (let x = 22; x < 500; x += 44) shape(ctx, `M${x} 30 l22 -26 l22 26 Z`, '#FF7A6B', 5);
      shape(ctx, 'M12 52 h496 v14 h-496 Z', '#FFF8EC', 0);
    }),
    neo: bitmap(260, 280, drawNeo),
    glow: bitmap(128, 128, (ctx) => glow(ctx, 64, 64, 64, '#FFE08A')),
    puff: bitmap(64, 64, (ctx) => disc(ctx, 32, 32, 26, '#CDBCFF')),
    post: bitmap(96, 220, (ctx) => {
      shape(ctx, 'M48 218 V30', INK, 9);
      glow(ctx, 48, 58, 48, '#FFC53D');
      shape(ctx, 'M32 34 C20 46 20 72 32 84 H64 C76 72 76 46 64 34 Z', '#FFC53D', 6);
      shape(ctx, 'M34 26 h28 v9 h-28 Z M36 84 h24 v8 h-24 Z', '#E8493D', 5);
    }),
  };
}

/** A square, never quite an orb: the corners stay, the colour comes near. */
function drawDecoy(ctx: CanvasRenderingContext2D, difficulty: number): void {
  const fill = ['', '#B9A3FF', '#C9B0F0', '#D9BCC0', '#EBC28A', '#F7C45C'][difficulty] ?? '#B9A3FF';
  glow(ctx, 80, 80, 78, difficulty >= 4 ? '#FFC53D' : '#B9A3FF');
  ctx.beginPath();
  ctx.roundRect(40, 40, 80, 80, 6 + difficulty * 2);
  ctx.fillStyle = fill;
  ctx.fill();
  ctx.lineWidth = 7;
  ctx.stroke();
  ctx.beginPath();
  ctx.roundRect(56, 56, 48, 48, 4);
  ctx.fillStyle = '#FFF8EC66';
  ctx.fill();
}

/** Neo from behind, running into the picture; the legs are drawn apart. */
function drawNeo(ctx: CanvasRenderingContext2D): void {
  for (const side of [1, -1]) {
    ctx.save();
    ctx.translate(130, 96);
    ctx.scale(side, 1);
    for (const [turn, fill] of [
      [-0.62, '#E8493D'],
      [0.04, '#FF7A6B'],
      [0.66, '#E8493D'],
    ] as const) {
      ctx.save();
      ctx.rotate(turn);
      shape(ctx, 'M-52 -12 C-76 -22 -98 -22 -116 -12 C-106 -8 -104 -2 -110 4 C-116 4 -120 8 -122 14 C-98 20 -74 18 -50 12 Z', fill, 6);
      ctx.restore();
    }
    ctx.restore();
  }
  shape(ctx, 'M92 168 C88 226 108 246 130 246 C152 246 172 226 168 168 Z', '#A68EF5');
  shape(ctx, 'M108 176 C106 204 112 226 130 226 C148 226 154 204 152 176 Z', '#8E78E8', 0);
  disc(ctx, 130, 198, 13, '#FFC53D', 5);
  shape(ctx, 'M130 40 V18', '#000', 7);
  disc(ctx, 130, 15, 11, '#FFC53D', 6);
  ctx.beginPath();
  ctx.roundRect(62, 40, 136, 122, 56);
  ctx.fillStyle = '#CDBCFF';
  ctx.fill();
  ctx.lineWidth = 7;
  ctx.stroke();
  shape(ctx, 'M84 66 C96 52 116 50 128 50', '#00000000', 0);
  ctx.beginPath();
  ctx.roundRect(88, 78, 84, 56, 26);
  ctx.fillStyle = '#B9A3FF';
  ctx.fill();
  ctx.lineWidth = 5;
  ctx.stroke();
  for (const x of [108, 130, 152]) disc(ctx, x, 106, 6, '#8E78E8');
  ctx.strokeStyle = '#FFF8EC';
  ctx.lineWidth = 7;
  ctx.stroke(new Path2D('M82 74 C88 60 102 54 114 53'));
}
