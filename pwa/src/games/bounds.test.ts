/** The bounds that the server uses are those of the rules. After a change of the rules, `npm run
 * test -- -u` writes neuroplay/core/game_bounds.json again. */

import { expect, it } from 'vitest';

import catalogue from '../../../neuroplay/core/game_catalogue.json';
import { games } from './rules_bundle.ts';

const LEVELS = [1, 2, 3, 4, 5] as const;

/** [tenth of a second, points] at each rise of the bound, up to the end of a round. */
function rises(bound: (seconds: number) => number, roundSeconds: number): [number, number][] {
  const found: [number, number][] = [];
  for (let tenth = 0; tenth <= roundSeconds * 10; tenth += 1) {
    const points = bound(tenth / 10);
    if (points > (found.at(-1)?.[1] ?? 0)) found.push([tenth, points]);
  }
  return found;
}

it('are in the table that the server reads', async () => {
  const table = Object.fromEntries(
    Object.entries(games).map(([name, { version, roundSeconds, bound }]) => {
      const byLevel = LEVELS.map((level) => rises((seconds) => bound(level, seconds), roundSeconds));
      // Every difficulty has the same things, only sooner: the longest list has all points.
      const points = byLevel.map((one) => one.map(([, most]) => most)).sort((a, b) => b.length - a.length)[0] ?? [];
      byLevel.forEach((one) => expect(points.slice(0, one.length)).toEqual(one.map(([, most]) => most)));
      return [
        name,
        { [version]: { round_s: roundSeconds, points, rises_at_tenths: byLevel.map((one) => one.map(([tenth]) => tenth)) } },
      ];
    }),
  );
  const rows = JSON.stringify(table)
    .replace(/("round_s"|"points"|"rises_at_tenths")/g, '\n  $1')
    .replace(/\],\[/g, '],\n  [');
  await expect(`${rows}\n`).toMatchFileSnapshot('../../../neuroplay/core/game_bounds.json');
});

it('are there for every game that can be played', () => {
  expect(Object.keys(games).sort()).toEqual(catalogue.games.filter(({ playable }) => playable).map(({ id }) => id).sort());
});
