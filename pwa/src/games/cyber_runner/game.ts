/** Lantern Run: Neo runs through the night city. */

import type { Game } from '../engine/game.ts';
import { inMs } from '../engine/round.ts';
import type { Stimulus } from '../types.ts';
import { bot } from './bot.ts';
import { praise, tip } from './feedback.ts';
import { DECOY, JUMP, LEFT, OBSTACLE, ORB, RIGHT, RIGHT_ANSWER } from './rules_run.ts';
import { rules, type State } from './rules.ts';
import { view } from './view.ts';
import { TUTORIAL, WORDS } from './words.ts';

const KINDS = { [ORB]: 'orb', [OBSTACLE]: 'obstacle', [DECOY]: 'decoy' } as const;

export const game: Game<State> = {
  id: 'cyber_runner',
  rules,
  words: WORDS,
  controls: {
    keys: { ArrowLeft: LEFT, KeyA: LEFT, ArrowRight: RIGHT, KeyD: RIGHT, ArrowUp: JUMP, KeyW: JUMP, Space: JUMP },
    pad: { 0: JUMP, 12: JUMP, 14: LEFT, 15: RIGHT },
    swipe: { left: LEFT, right: RIGHT, up: JUMP },
    tap: (x) => (x < 0.5 ? LEFT : RIGHT),
    choices: [
      { input: LEFT, label: { 'pt-BR': 'Esquerda', en: 'Left', es: 'Izquierda' }, path: 'M38 24 H10 M22 10 L8 24 L22 38' },
      { input: JUMP, label: { 'pt-BR': 'Pular', en: 'Jump', es: 'Saltar' }, path: 'M24 40 V10 M10 22 L24 8 L38 22' },
      { input: RIGHT, label: { 'pt-BR': 'Direita', en: 'Right', es: 'Derecha' }, path: 'M10 24 H38 M26 10 L40 24 L26 38' },
    ],
  },
  view,
  stimuli,
  effort: ({ orbs, dodged, decoysLeft: waited, longestChain }) => ({ orbs, dodged, waited, longestChain }),
  chain: ({ chain }) => chain,
  praise,
  tip,
  bot,
  tutorial: {
    seed: 20,
    level: 1,
    seconds: 20,
    says: [
      { fromSeconds: 0, sentence: TUTORIAL.catch },
      { fromSeconds: 7, sentence: TUTORIAL.leave },
      { fromSeconds: 13, sentence: TUTORIAL.dodge },
    ],
  },
};

function stimuli({ course, next, answer, reaction }: State): Stimulus[] {
  return Array.from({ length: next }, (_, i) => {
    const steps = reaction[i] ?? -1;
    return {
      t: inMs(course.arrival[i] ?? 0),
      kind: KINDS[(course.kind[i] ?? ORB) as keyof typeof KINDS],
      right: answer[i] === RIGHT_ANSWER,
      reactionMs: steps < 0 ? null : inMs(steps),
      data: [course.lane[i] ?? 0],
    };
  });
}
