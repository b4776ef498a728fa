/** The runner's picture and sounds. */

import type { Place, View } from '../engine/game.ts';
import { Stage } from '../engine/stage.ts';
import { Renderer } from './render.ts';
import { DECOY, OBSTACLE, ORB } from './rules_course.ts';
import { JUMP, LEFT, RIGHT_ANSWER, type State } from './rules.ts';
import { WORDS } from './words.ts';

const HIT_FREEZE_MS = 60;

export function view({ root, language, calm, live, sounds }: Place, first: State): View<State> {
  const stage = new Stage(root, WORDS[language].field, () => renderer.resize());
  const renderer = new Renderer(stage, { level: first.level, calm, camera: live });
  let heard = first.next;

  return {
    after(state, input) {
      if ((input & JUMP) !== 0 && state.jump === 1) sounds.hop();
      let frozenMs = 0;
      for (; heard < state.next; heard += 1) {
        const kind = state.course.kind[heard];
        const right = state.answer[heard] === RIGHT_ANSWER;
        if (kind === ORB && right) sounds.good(state.chain);
        else if (kind === DECOY && !right) sounds.oops();
        else if (kind === OBSTACLE && !right) {
          sounds.bump();
          if (!calm) frozenMs = HIT_FREEZE_MS;
        }
      }
      return frozenMs;
    },
    draw(state, share, ms) {
      if (live) stage.pace(ms);
      renderer.draw(state, share, ms);
    },
    resize: () => stage.resize(),
    point(_, input) {
      const { clientWidth, clientHeight } = stage.canvas;
      const side = input === JUMP ? 0.5 : input === LEFT ? 0.2 : 0.8;
      return { x: clientWidth * side, y: clientHeight * 0.7 };
    },
    remove: () => stage.canvas.remove(),
  };
}
