/** Shows a game before it is played: the real rules and drawing, played by the game's bot. */

import type { Language } from '../../i18n/text.ts';
import type { Game } from './game.ts';
import { STEPS_A_SECOND, type RoundState } from './rules_round.ts';
import { SILENT } from './sound.ts';

const STEP_MS = 1000 / STEPS_A_SECOND;
/** Steps played before the first frame, so that something is already going on. */
const WARM_UP = 130;
const STILL_AT = 220;

export function preview<S extends RoundState>(
  game: Game<S>,
  host: HTMLElement,
  { language, reducedMotion: calm }: { language: Language; reducedMotion: boolean },
): () => void {
  const { rules, tutorial, bot } = game;
  const begin = () => rules.init(tutorial.seed, tutorial.level);
  const nothing = () => undefined;
  const place = { root: host, language, calm, live: false, sounds: SILENT, act: nothing, announce: nothing, speak: nothing };
  let state = begin();
  let view = game.view(place, state);
  const play = () => {
    const input = bot(state);
    rules.step(state, input);
    view.after?.(state, input);
  };
  for (let n = 0; n < (calm ? STILL_AT : WARM_UP); n += 1) play();
  let frame = 0;
  let last = 0;
  let owedMs = 0;
  const resized = new ResizeObserver(() => {
    // Out of the page: there is nothing to fit it to.
    if (host.clientWidth === 0 || host.clientHeight === 0) return;
    view.resize?.();
    view.draw(state, 0, 0);
  });
  resized.observe(host);

  function loop(now: number): void {
    frame = requestAnimationFrame(loop);
    const passed = Math.min(50, last === 0 ? 0 : now - last);
    last = now;
    owedMs += passed;
    while (owedMs >= STEP_MS) {
      owedMs -= STEP_MS;
      play();
    }
    if (state.done) {
      view.remove();
      state = begin();
      view = game.view(place, state);
    }
    view.draw(state, owedMs / STEP_MS, passed);
  }

  if (calm) view.draw(state, 0, 0);
  else frame = requestAnimationFrame(loop);
  return () => {
    cancelAnimationFrame(frame);
    resized.disconnect();
    view.remove();
  };
}
