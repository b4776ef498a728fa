/** Why the next round starts at its level: the games aim at about four right answers in five. */

import type { Round } from './shapes.ts';
import type { Key } from './words/index.ts';

const AIM = 0.8;

interface Why {
  /** null: the round does not say. */
  words: Extract<Key, `level_${string}`> | null;
  next: number | null;
  /** Per cent of right answers. */
  right: number | null;
}

/** About the last round that was played to its end. */
export function whyNext(round: Round | undefined): Why {
  const { difficulty: from = null, next_difficulty: next = null, accuracy = null } = round ?? {};
  const right = accuracy === null ? null : Math.round(accuracy * 100);
  if (from === null || next === null) return { words: null, next, right };
  if (next === from) return { words: right === null ? 'level_same' : 'level_same_right', next, right };
  const isUp = next > from;
  // The level moves with each answer of a round, and the next one starts in the middle of where it was: so it can
  // fall after a round with many right answers, most of which were easy.
  const isTold = accuracy !== null && isUp === accuracy >= AIM;
  return { words: isUp ? (isTold ? 'level_up_right' : 'level_up') : isTold ? 'level_down_right' : 'level_down', next, right };
}
