/** Small random integers that are the same in every engine. */

/** One step of a 32-bit generator (xorshift, spread by a multiplication); state must not be 0. */
export function nextRandom(state: number): number {
  let x = state | 0;
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return x | 0;
}

/** A whole number from 0 to `below` - 1 out of a generator's state. */
export function pick(state: number, below: number): number {
  return (Math.imul(state, 0x9e3779b1) >>> 8) % below;
}

/** A first state for any seed. */
export function seeded(seed: number): number {
  let x = Math.imul(seed ^ 0x5bd1e995, 0x85ebca6b) | 0;
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35) | 0;
  x ^= x >>> 16;
  return x === 0 ? 0x1f2150 : x;
}
