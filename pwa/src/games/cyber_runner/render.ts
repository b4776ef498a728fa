/** Draws a state: road, things on it, Neo, and what flies about. No allocation in a frame. */

import { ALL_LANES, DECOY, OBSTACLE, ORB, ROUND_STEPS } from './rules_course.ts';

import { JUMP_STEPS, PENDING, RIGHT_ANSWER, STUMBLE_STEPS, WRONG_ANSWER, type State } from './rules.ts';
import { makeScenery, type Scenery } from './scenery.ts';
import { makeSprites, type Sprites } from './sprites.ts';

/** How strongly the road narrows: a thing that comes into sight is this much smaller. */
const DEPTH = 8;
const BANDS = 12;
const PARTICLES = 40;
/** Steps in which an answered thing is still drawn. */
const AFTER = 16;

interface Particle {
  life: number;
  most: number;
  x: number;
  y: number;
  vx: number;
  vy: number;
  size: number;
  /** Flies to the counter instead of falling. */
  home: boolean;
}

export class Renderer {
  readonly #canvas: HTMLCanvasElement;
  readonly #ctx: CanvasRenderingContext2D;
  readonly #sprites: Sprites;
  readonly #calm: boolean;
  readonly #particles: Particle[] = [];
  #scenery: Scenery | null = null;
  #width = 1;
  #height = 1;
  #scale = 1;
  #quality = 1;
  #slow = 0;
  #fast = 0;
  #lastArrived = 0;
  #shake = 0;
  #lean = 0;
  #wasJumping = false;

  constructor(canvas: HTMLCanvasElement, difficulty: number, calm: boolean) {
    const ctx = canvas.getContext('2d', { alpha: false });
    if (!ctx) throw new Error('no 2d canvas');
    this.#canvas = canvas;
    this.#ctx = ctx;
    this.#calm = calm;
    this.#sprites = makeSprites(difficulty);
    for (let n = 0; n < PARTICLES; n += 1) {
      this.#particles.push({ life: 0, most: 1, x: 0, y: 0, vx: 0, vy: 0, size: 1, home: false });
    }
    this.resize();
  }

  resize(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#width = Math.max(1, clientWidth);
    this.#height = Math.max(1, clientHeight);
    this.#scale = Math.min(2, window.devicePixelRatio || 1) * this.#quality;
    this.#canvas.width = Math.round(this.#width * this.#scale);
    this.#canvas.height = Math.round(this.#height * this.#scale);
    this.#scenery = makeScenery(this.#width, this.#horizon);
  }

  /** Fewer pixels where frames take too long, and more again where there is room. */
  pace(frameMs: number): void {
    if (frameMs > 100) return; // a pause, not a slow frame
    this.#slow = frameMs > 19 ? this.#slow + 1 : Math.max(0, this.#slow - 0.5);
    this.#fast = frameMs < 17.5 ? this.#fast + 1 : 0;
    if (this.#slow > 24 && this.#quality > 0.5) {
      this.#quality = Math.max(0.5, this.#quality - 0.17);
      this.#slow = 0;
      this.resize();
    }
  }

  get #horizon(): number {
    return this.#height * 0.38;
  }

  get #ground(): number {
    return this.#height * (this.#height > this.#width ? 0.8 : 0.84);
  }

  /** Half of the road's width where Neo runs. */
  get #half(): number {
    return Math.min(this.#width * 0.46, this.#height * 0.54);
  }

  /** One frame: `share` is how far the time is between `state` and the next step. */
  draw(state: State, share: number): void {
    const ctx = this.#ctx;
    const time = state.step + share;
    const x = (state.x - 256) / 256;
    this.#notice(state);
    const turning = (state.target * 256 - state.x) / 256;
    this.#lean += ((this.#calm ? 0 : turning) - this.#lean) * 0.18;
    ctx.setTransform(this.#scale, 0, 0, this.#scale, 0, 0);
    ctx.imageSmoothingEnabled = true;
    if (this.#shake > 0 && !this.#calm) {
      const reach = 6 * (this.#shake / 10);
      ctx.translate(Math.sin(this.#shake * 2.4) * reach, Math.cos(this.#shake * 3.1) * reach * 0.6);
      this.#shake -= 1;
    }
    if (Math.abs(this.#lean) > 0.02) {
      ctx.translate(this.#width / 2, this.#height);
      ctx.rotate(this.#lean * 0.035);
      ctx.scale(1.05, 1.05);
      ctx.translate(-this.#width / 2, -this.#height);
    }
    this.#scenery?.draw(ctx, this.#width, this.#horizon, this.#calm ? 0 : x);
    this.#road(time, state);
    this.#things(state, share, false);
    this.#neo(state, share, x);
    this.#things(state, share, true);
    this.#fly();
    if (ROUND_STEPS - state.step < 1200 && !this.#calm) this.#speedLines(time);
  }

  /** Screen y and scale of a depth: 0 is Neo's line, 1 where things come into sight. */
  #at(depth: number): number {
    return 1 / (1 + Math.max(-0.11, depth) * DEPTH);
  }

  #road(time: number, state: State): void {
    const ctx = this.#ctx;
    const middle = this.#width / 2;
    const horizon = this.#horizon;
    const drop = this.#ground - horizon;
    ctx.fillStyle = '#12143A';
    ctx.fillRect(-60, horizon, this.#width + 120, this.#height - horizon + 60);
    const lead = state.course.lead;
    const phase = ((time / lead) * BANDS) % 2;
    for (let band = BANDS * 2; band >= -3; band -= 1) {
      const near = this.#at((band - phase) / BANDS);
      const far = this.#at((band + 1 - phase) / BANDS);
      const y1 = horizon + drop * near;
      const y2 = horizon + drop * far;
      if (y2 > this.#height + 40) continue;
      const w1 = this.#half * near;
      const w2 = this.#half * far;
      ctx.fillStyle = band % 2 === 0 ? '#2A2E6B' : '#262A62';
      ctx.beginPath();
      ctx.moveTo(middle - w1, y1);
      ctx.lineTo(middle + w1, y1);
      ctx.lineTo(middle + w2, y2);
      ctx.lineTo(middle - w2, y2);
      ctx.fill();
      if (band % 2 === 0) {
        ctx.fillStyle = '#8E78E8';
        for (const lane of [-1 / 3, 1 / 3]) {
          ctx.beginPath();
          ctx.moveTo(middle + w1 * (lane - 0.012), y1);
          ctx.lineTo(middle + w1 * (lane + 0.012), y1);
          ctx.lineTo(middle + w2 * (lane + 0.012), y2);
          ctx.lineTo(middle + w2 * (lane - 0.012), y2);
          ctx.fill();
        }
      }
    }
    ctx.strokeStyle = '#FFC53D';
    ctx.lineWidth = 3;
    const bottom = this.#at(-0.11);
    const top = this.#at(2);
    for (const side of [-1, 1]) {
      ctx.beginPath();
      ctx.moveTo(middle + side * this.#half * bottom, horizon + drop * bottom);
      ctx.lineTo(middle + side * this.#half * top, horizon + drop * top);
      ctx.stroke();
    }
    const { post } = this.#sprites;
    for (let n = 7; n >= 0; n -= 1) {
      const depth = (n - ((time / lead) * 4) % 1) / 4;
      const s = this.#at(depth);
      const h = this.#half * 0.85 * s;
      const w = h * 0.436;
      const y = horizon + drop * s;
      if (s < 0.06) continue;
      ctx.drawImage(post, middle - this.#half * s * 1.18 - w / 2, y - h, w, h);
      ctx.drawImage(post, middle + this.#half * s * 1.18 - w / 2, y - h, w, h);
    }
  }

  /** Things from far to near; `passed` draws those that are before Neo in the picture. */
  #things(state: State, share: number, passed: boolean): void {
    const { course } = state;
    const first = Math.max(0, state.next - 3);
    const last = Math.min(course.count, state.sighted + 1);
    for (let i = last - 1; i >= first; i -= 1) {
      const ahead = (course.arrival[i] ?? 0) - state.step - share;
      if (ahead < 0 !== passed || ahead < -AFTER) continue;
      const answer = state.answer[i];
      const kind = course.kind[i];
      if (answer !== PENDING && kind === ORB && answer === RIGHT_ANSWER) continue;
      if (answer === WRONG_ANSWER && kind === DECOY) continue;
      this.#thing(state, i, ahead / course.lead, kind ?? ORB);
    }
  }

  #thing(state: State, i: number, depth: number, kind: number): void {
    const ctx = this.#ctx;
    const s = this.#at(depth);
    const mask = state.course.mask[i] ?? 0;
    const y = this.#horizon + (this.#ground - this.#horizon) * s;
    const lane = (this.#half * 2 * s) / 3;
    const middle = this.#width / 2;
    ctx.globalAlpha = depth > 0.85 ? Math.max(0, (1.02 - depth) / 0.17) : 1;
    if (kind === OBSTACLE && mask === ALL_LANES) {
      const w = lane * 3 * 0.98;
      ctx.drawImage(this.#sprites.hurdle, middle - w / 2, y - w * 0.24, w, w * 0.25);
    } else {
      for (let at = 0; at < 3; at += 1) {
        if (((mask >> at) & 1) === 0) continue;
        const x = middle + (at - 1) * lane;
        if (kind === OBSTACLE) {
          const w = lane * 0.92;
          ctx.drawImage(this.#sprites.spikes, x - w / 2, y - w * 0.8, w, w * 0.83);
        } else {
          const w = lane * 0.78;
          const bob = kind === ORB && !this.#calm ? Math.sin((state.step + i * 9) * 0.11) * w * 0.07 : 0;
          // A decoy blinks slowly: a little under once a second.
          const blink = kind === DECOY && (state.step + i * 20) % 75 < 12 ? 0.82 : 1;
          const size = w * blink;
          const sprite = kind === ORB ? this.#sprites.orb : this.#sprites.decoy;
          ctx.drawImage(sprite, x - size / 2, y - w * 0.95 - bob + (w - size) / 2, size, size);
        }
      }
    }
    ctx.globalAlpha = 1;
  }

  #neo(state: State, share: number, x: number): void {
    const ctx = this.#ctx;
    const lane = (this.#half * 2) / 3;
    const size = lane * 0.82;
    const jumping = state.jump >= 0;
    const air = jumping ? (state.jump + share) / JUMP_STEPS : 0;
    const height = jumping ? 4 * air * (1 - air) * lane * 0.95 : 0;
    const turning = (state.target * 256 - state.x) / 256;
    const stumbling = state.stumble > 0 ? Math.sin((state.stumble / STUMBLE_STEPS) * Math.PI * 3) : 0;
    const run = this.#calm ? 0 : Math.sin((state.step + share) * 0.36);
    const sx = this.#width / 2 + x * lane;
    const ground = this.#ground;
    ctx.fillStyle = '#0E1029';
    ctx.globalAlpha = 0.45 - 0.2 * air;
    ctx.beginPath();
    ctx.ellipse(sx, ground, size * (0.34 - air * 0.06), size * 0.07, 0, 0, Math.PI * 2);
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.save();
    ctx.translate(sx, ground - height);
    ctx.rotate(turning * 0.22 + stumbling * 0.16);
    // Squash and stretch: long in the jump and in a change of lane, flat on landing.
    const stretch = jumping ? 1 + 0.1 * Math.cos(air * Math.PI * 2) : 1 + run * 0.025;
    ctx.scale((1 + Math.abs(turning) * 0.1) / Math.sqrt(stretch), stretch);
    const leg = size * 0.13;
    ctx.strokeStyle = '#0E1029';
    ctx.lineWidth = Math.max(2, size * 0.026);
    ctx.fillStyle = '#8E78E8';
    for (const side of [-1, 1]) {
      const lift = jumping ? 0.5 : Math.max(0, side * run);
      ctx.beginPath();
      ctx.ellipse(side * size * 0.13, -leg * 0.55 - lift * leg * 1.1, leg * 0.62, leg * (0.72 - lift * 0.2), 0, 0, Math.PI * 2);
      ctx.fill();
      ctx.stroke();
    }
    const bob = jumping ? 0 : Math.abs(run) * size * 0.035;
    ctx.drawImage(this.#sprites.neo, -size / 2, -size * 1.1 - bob, size, size * 1.077);
    // The tail swings from side to side.
    ctx.strokeStyle = '#0E1029';
    ctx.lineCap = 'round';
    const swing = (this.#calm ? 1 : Math.sin((state.step + share) * 0.18)) * size * 0.34;
    for (const [width, colour] of TAIL) {
      ctx.lineWidth = size * width;
      ctx.strokeStyle = colour;
      ctx.beginPath();
      ctx.moveTo(0, -size * 0.24);
      ctx.quadraticCurveTo(swing * 0.5, -size * 0.06, swing, -size * 0.16);
      ctx.stroke();
    }
    ctx.restore();
    if (this.#wasJumping && !jumping && !this.#calm) this.#burst(sx, ground, 6, false);
    this.#wasJumping = jumping;
  }

  /** Look at what was answered since the last frame, for sparks, puffs and shaking. */
  #notice(state: State): void {
    const lane = (this.#half * 2) / 3;
    for (let i = this.#lastArrived; i < state.next; i += 1) {
      const kind = state.course.kind[i];
      const right = state.answer[i] === RIGHT_ANSWER;
      const x = this.#width / 2 + ((state.course.lane[i] ?? 1) - 1) * lane;
      if (kind === ORB && right) this.#burst(x, this.#ground - lane * 0.5, 5, true);
      else if (kind === DECOY && !right) this.#burst(x, this.#ground - lane * 0.4, 8, false);
      else if (kind === OBSTACLE && !right) {
        this.#shake = 10;
        this.#burst(this.#width / 2 + ((state.x - 256) / 256) * lane, this.#ground - lane * 0.3, 10, false);
      }
    }
    this.#lastArrived = state.next;
  }

  #burst(x: number, y: number, count: number, home: boolean): void {
    let left = count;
    for (const particle of this.#particles) {
      if (left === 0) return;
      if (particle.life > 0) continue;
      left -= 1;
      const angle = (left / count) * Math.PI * 2 + 0.4;
      const speed = home ? 2.2 : 3.4;
      particle.life = particle.most = home ? 34 : 24;
      particle.x = x;
      particle.y = y;
      particle.vx = Math.cos(angle) * speed;
      particle.vy = Math.sin(angle) * speed * 0.6 - (home ? 1 : 1.6);
      particle.size = home ? 26 : 20;
      particle.home = home;
    }
  }

  /** Sparks fly to the counter at the top; puffs fade where they are. */
  #fly(): void {
    const ctx = this.#ctx;
    for (const p of this.#particles) {
      if (p.life <= 0) continue;
      p.life -= 1;
      const age = 1 - p.life / p.most;
      if (p.home && !this.#calm) {
        const pull = age * age * 0.22;
        p.vx += (this.#width / 2 - p.x) * pull * 0.2;
        p.vy += (34 - p.y) * pull * 0.2;
        p.vx *= 0.86;
        p.vy *= 0.86;
      } else {
        p.vy += 0.12;
      }
      p.x += p.vx;
      p.y += p.vy;
      ctx.globalAlpha = p.home ? Math.min(1, p.life / 8) : (p.life / p.most) * 0.8;
      const size = p.size * (p.home ? 1 - age * 0.4 : 1 - age * 0.6);
      ctx.drawImage(p.home ? this.#sprites.glow : this.#sprites.puff, p.x - size / 2, p.y - size / 2, size, size);
    }
    ctx.globalAlpha = 1;
  }

  #speedLines(time: number): void {
    const ctx = this.#ctx;
    ctx.strokeStyle = '#FFF8EC';
    ctx.lineWidth = 2;
    ctx.globalAlpha = 0.16;
    ctx.beginPath();
    for (let n = 0; n < 10; n += 1) {
      const angle = n * 2.4;
      const out = ((time * 0.03 + n * 0.37) % 1) * 0.5 + 0.5;
      const cx = this.#width / 2;
      const cy = this.#horizon;
      const reach = Math.max(this.#width, this.#height) * 0.75;
      ctx.moveTo(cx + Math.cos(angle) * reach * out, cy + Math.sin(angle) * reach * out);
      ctx.lineTo(cx + Math.cos(angle) * reach * (out + 0.12), cy + Math.sin(angle) * reach * (out + 0.12));
    }
    ctx.stroke();
    ctx.globalAlpha = 1;
  }
}

const TAIL = [
  [0.115, '#0E1029'],
  [0.07, '#CDBCFF'],
] as const;
