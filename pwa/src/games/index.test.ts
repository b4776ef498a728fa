import { expect, it } from 'vitest';

import table from '../../../neuroplay/core/game_catalogue.json';
import { listPlayable, loadGame } from './index.ts';

const promised = table.games.filter(({ playable }) => playable).map(({ id }) => id);

it('can play every game that the catalogue promises', () => {
  expect(listPlayable()).toEqual(promised);
});

it('rejects a game that cannot be played', async () => {
  await expect(loadGame('chess')).rejects.toThrow('chess');
});
