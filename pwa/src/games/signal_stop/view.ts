/** The picture and sounds. */

import type { Place, View } from '../engine/game.ts';
import { Stage } from '../engine/stage.ts';
import { Renderer } from './render.ts';
import { GO } from './rules_course.ts';
import type { State } from './rules.ts';
import { REST, WORDS } from './words.ts';

/** Below the bar and the chain under it. */
const BAR_PX = 108;

export function view({ root, language, calm, live, sounds, announce }: Place, first: State): View<State> {
  const stage = new Stage(root, WORDS[language].field, fit);
  const renderer = new Renderer(calm);
  let answered = first.total;
  let carried = first.carried;
  let waited = first.waited;
  let early = first.early;
  let rested = first.resting;
  fit();

  function fit(): void {
    renderer.resize(stage.width, stage.height, stage.scale, stage.scale * (live ? BAR_PX : 0));
  }

  function hear(state: State): void {
    if (state.carried > carried) {
      renderer.carried(state);
      sounds.good(state.chain);
    } else if (state.waited > waited) {
      renderer.waited(state);
      sounds.patience();
    } else if (state.kind !== GO && state.rights[state.shown - 1] === 0) {
      renderer.tapped(state);
      sounds.oops();
    } else renderer.faded(state);
    ({ total: answered, carried, waited } = state);
  }

  /** A breath in and out. */
  function breathe(): void {
    sounds.note(0, { at: 0.5, seconds: 1.2, loud: 0.2 });
    sounds.note(7, { at: 0.9, seconds: 1.2, loud: 0.2 });
    sounds.note(4, { at: 1.8, seconds: 1.4, loud: 0.2 });
    announce(REST[language]);
  }

  return {
    after(state) {
      if (state.total > answered) hear(state);
      if (state.early > early) {
        early = state.early;
        renderer.reached();
      }
      if (state.resting !== rested) {
        rested = state.resting;
        if (rested) breathe();
      }
    },
    draw(state, _, ms) {
      if (live) stage.pace(ms);
      renderer.draw(stage.ctx, state, ms);
    },
    resize: () => stage.resize(),
    point: (state) => renderer.hand(state),
    remove: () => stage.canvas.remove(),
  };
}
