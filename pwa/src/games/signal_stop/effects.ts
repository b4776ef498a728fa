/** What flies about: lanterns on the way to their wire, stars of patience, sparks. */

import type { Sprite } from '../engine/sprite.ts';
import { HUNG, STARS, type Layout } from './layout.ts';
import { LANTERN_UNITS, type Sprites } from './sprites.ts';

const MOST = 40;

const CARRIED = 0;
const STAR = 1;
const SHUT = 2;
const WOBBLES = 3;
const FADES = 4;
const SPARK = 5;
const PUFF = 6;

const LIFE_MS = [900, 800, 320, 480, 480, 620, 520] as const;

interface Flight {
  kind: number;
  /** Milliseconds left. */
  life: number;
  /** The lantern's look: -1 is round. */
  look: number;
  slot: number;
  x: number;
  y: number;
  vx: number;
  vy: number;
}

export class Effects {
  readonly #flights: Flight[] = [];
  readonly #calm: boolean;
  #at = 0;

  constructor(calm: boolean) {
    this.#calm = calm;
    for (let n = 0; n < MOST; n += 1) this.#flights.push({ kind: 0, life: 0, look: -1, slot: 0, x: 0, y: 0, vx: 0, vy: 0 });
  }

  carried(slot: number): void {
    this.#start(CARRIED, -1, slot, 0, 0);
  }

  /** A hexagon was left alone: it shuts, and a star rises from it. */
  waited(look: number, slot: number, layout: Layout): void {
    this.#start(SHUT, look, 0, 0, 0);
    this.#start(STAR, -1, slot, 0, 0);
    this.sparks(layout.signalX, layout.signalY, layout.signalR * 0.005);
  }

  /** A hexagon was tapped. */
  tapped(look: number, layout: Layout): void {
    this.#start(WOBBLES, look, 0, 0, 0);
    this.#burst(PUFF, 6, layout.signalX, layout.signalY, layout.signalR * 0.0022);
  }

  /** A lantern went out by itself. */
  faded(look: number): void {
    this.#start(FADES, look, 0, 0, 0);
  }

  sparks(x: number, y: number, speed: number): void {
    this.#burst(SPARK, 7, x, y, speed);
  }

  /** Whether the lantern or star of a place is still on its way. */
  isFlying(star: boolean, slot: number): boolean {
    for (const one of this.#flights) if (one.life > 0 && one.slot === slot && one.kind === (star ? STAR : CARRIED)) return true;
    return false;
  }

  #burst(kind: number, count: number, x: number, y: number, speed: number): void {
    if (this.#calm) return;
    for (let n = 0; n < count; n += 1) {
      const angle = ((n + 0.5) / count) * Math.PI * 2;
      const flight = this.#start(kind, n, 0, Math.cos(angle) * speed, Math.sin(angle) * speed);
      flight.x = x;
      flight.y = y;
    }
  }

  #start(kind: number, look: number, slot: number, vx: number, vy: number): Flight {
    const flight = this.#flights[this.#at] as Flight;
    this.#at = (this.#at + 1) % MOST;
    flight.kind = kind;
    flight.life = LIFE_MS[kind] ?? 500;
    flight.look = look;
    flight.slot = slot;
    flight.vx = vx;
    flight.vy = vy;
    return flight;
  }

  /** Move on by `ms` and draw. Neo's hands are at `handX`, `handY`. */
  draw(ctx: CanvasRenderingContext2D, layout: Layout, sprites: Sprites, ms: number, handX: number, handY: number): void {
    for (const one of this.#flights) {
      if (one.life <= 0) continue;
      one.life -= ms;
      if (one.life <= 0) continue;
      const age = 1 - one.life / (LIFE_MS[one.kind] ?? 500);
      if (one.kind === CARRIED) this.#carry(ctx, layout, sprites, one.slot, age, handX, handY);
      else if (one.kind === STAR) this.#rise(ctx, layout, sprites, one.slot, age);
      else if (one.kind <= FADES) this.#goOut(ctx, layout, sprites, one.kind, one.look, age);
      else this.#bit(ctx, layout, one.kind === SPARK ? sprites.spark : sprites.puff, one, age, ms);
    }
    ctx.globalAlpha = 1;
  }

  /** From the signal to Neo's hands, along with Neo, then up to the wire. */
  #carry(ctx: CanvasRenderingContext2D, layout: Layout, sprites: Sprites, slot: number, age: number, handX: number, handY: number): void {
    const { signalX, signalY, signalR, hungSize } = layout;
    const hungX = layout.hungX[slot % HUNG] ?? 0;
    const hungY = layout.hungY[slot % HUNG] ?? 0;
    const big = (signalR * LANTERN_UNITS) / 76;
    const held = big * 0.42;
    if (this.#calm) {
      ctx.globalAlpha = Math.max(0, 1 - age * 3);
      sprites.round.draw(ctx, signalX - big / 2, signalY - big / 2, big, 1);
      return;
    }
    ctx.globalAlpha = 1;
    if (age < 0.22) {
      const part = smooth(age / 0.22);
      const size = big + (held - big) * part;
      put(ctx, sprites.round, signalX + (handX - signalX) * part, signalY + (handY - signalY) * part, size);
    } else if (age < 0.55) put(ctx, sprites.round, handX, handY, held);
    else {
      const part = smooth((age - 0.55) / 0.45);
      const size = held + (hungSize * 2.4 - held) * part;
      put(ctx, sprites.round, handX + (hungX - handX) * part, handY + (hungY - handY) * part - Math.sin(part * Math.PI) * signalR * 0.3, size);
    }
  }

  #rise(ctx: CanvasRenderingContext2D, layout: Layout, sprites: Sprites, slot: number, age: number): void {
    const { signalX, signalY, signalR, starSize } = layout;
    const x = layout.starX[slot % STARS] ?? 0;
    const y = layout.starY[slot % STARS] ?? 0;
    if (this.#calm) {
      ctx.globalAlpha = age;
      put(ctx, sprites.star, x, y, starSize * 1.6);
      return;
    }
    const part = smooth(Math.max(0, (age - 0.2) / 0.8));
    const grown = Math.min(1, age * 5);
    const size = (signalR * 1.5 * (1 - part) + starSize * 1.6 * part) * grown;
    ctx.globalAlpha = 1;
    put(ctx, sprites.star, signalX + (x - signalX) * part, signalY + (y - signalY) * part - Math.sin(part * Math.PI) * signalR * 0.6, size);
  }

  #goOut(ctx: CanvasRenderingContext2D, layout: Layout, sprites: Sprites, kind: number, look: number, age: number): void {
    const { signalX, signalY, signalR } = layout;
    const sprite = look < 0 ? sprites.round : sprites.hexagons[look];
    if (!sprite) return;
    const big = (signalR * LANTERN_UNITS) / 76;
    ctx.globalAlpha = (1 - age) ** (kind === SHUT ? 1 : 1.6);
    if (this.#calm) put(ctx, sprite, signalX, signalY, big);
    else if (kind === SHUT) put(ctx, sprite, signalX, signalY, big * (1 - smooth(age) * 0.7));
    else if (kind === WOBBLES) put(ctx, sprite, signalX + Math.sin(age * 22) * signalR * 0.16 * (1 - age), signalY, big);
    else put(ctx, sprite, signalX, signalY - smooth(age) * signalR * 0.9, big * (1 - age * 0.2));
  }

  #bit(ctx: CanvasRenderingContext2D, layout: Layout, sprite: Sprite, one: Flight, age: number, ms: number): void {
    one.x += one.vx * ms;
    one.y += one.vy * ms;
    ctx.globalAlpha = (1 - age) * (one.kind === PUFF ? 0.5 : 1);
    const size = layout.signalR * (one.kind === PUFF ? 0.5 + age * 0.4 : 0.36 * (1 - age * 0.5));
    put(ctx, sprite, one.x, one.y, size);
  }
}

const smooth = (part: number) => part * part * (3 - 2 * part);

function put(ctx: CanvasRenderingContext2D, sprite: Sprite, x: number, y: number, size: number): void {
  sprite.draw(ctx, x - size / 2, y - size / 2, size, 1);
}
