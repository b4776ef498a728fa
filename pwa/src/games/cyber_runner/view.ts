/** The runner's picture and sounds. */

import type { Place, View } from '../engine/game.ts';
import { Stage } from '../engine/stage.ts';
import { Renderer } from './render.ts';
import { DECOY, JUMP, LEFT, OBSTACLE, ORB, RIGHT_ANSWER } from './rules_run.ts';
import { type State } from './rules.ts';
import { WORDS } from './words.ts';

const HIT_FREEZE_MS = 60;

export function view({ root, language, calm, live, sounds }: Place, first: State): View<State> {
  const stage = new Stage(root, WORDS[language].field, () => renderer.resize());
  const renderer = new Renderer(stage, { level: first.level, arrived: first.next, calm, camera: live });
  let heard = first.next;
  let waves = first.waves;

  return {
    after(state, input) {
      if ((input & JUMP) !== 0 && state.jump === 1) sounds.hop();
      // A gate: a wave has been got through, and the next one comes after a rest.
      if (state.waves !== waves) {
        waves = state.waves;
        sounds.note(7, { seconds: 0.5, loud: 0.3 });
        sounds.note(12, { at: 0.16, seconds: 0.7, loud: 0.3 });
      }
      let frozenMs = 0;
      for (; heard < state.next; heard += 1) {
        const kind = state.course.kind[heard];
        const right = state.answer[heard] === RIGHT_ANSWER;
        if (kind === ORB && right) sounds.good(state.chain);
        else if (kind === DECOY) (right ? sounds.patience : sounds.oops)();
        else if (kind === OBSTACLE && right) sounds.note(-3, { seconds: 0.16, loud: 0.22 });
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
