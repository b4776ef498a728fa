// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest';

import { makeHud, type Hud } from './hud.ts';

const nothing = () => undefined;
let hud: Hud;

beforeEach(() => {
  document.body.innerHTML = '<main><h1>Lantern Run</h1></main>';
  const options = { language: 'en', reducedMotion: false, leftHanded: false } as const;
  hud = makeHud(document.querySelector('main')!, { ...options, onPause: nothing, onContinue: nothing, onLeave: nothing });
});

function byId(id: string): HTMLElement {
  return document.querySelector<HTMLElement>(`[data-testid="${id}"]`)!;
}

test('a pause takes the focus, and gives it back to the button of the game that had it', () => {
  const card = hud.field.appendChild(document.createElement('button'));
  card.focus();
  hud.pause(true);
  expect(document.activeElement).toBe(byId('game-continue'));
  hud.pause(false);
  expect(document.activeElement).toBe(card);
});

test('after a pause by its button the focus is on the name of the game, where Space plays', () => {
  byId('game-pause').focus();
  hud.pause(true);
  hud.pause(false);
  expect(document.activeElement).toBe(document.querySelector('h1'));
});

test('after a pause the focus is on the name of the game if the button that had it has gone', () => {
  const card = hud.field.appendChild(document.createElement('button'));
  card.focus();
  hud.pause(true);
  card.remove();
  hud.pause(false);
  expect(document.activeElement).toBe(document.querySelector('h1'));
});
