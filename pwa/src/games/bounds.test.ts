/** What the server knows of the rules is what they say. After a change of the rules, `npm run test
 * -- -u` writes neuroplay/core/game_bounds.json again. */

import { expect, it } from 'vitest';

import catalogue from '../../../neuroplay/core/game_catalogue.json';
import type { VerifiedGame } from './engine/verified.ts';
import { games } from './rules_bundle.ts';

/** Levels that have the same bound, and each rise of it: at which tenth of a second, to how many
 * points. */
interface Group {
  levels: [number, number];
  rises_at_tenths: number[];
  points: number[];
}

function groupsOf({ levels: [lowest, highest], roundSeconds, bound }: VerifiedGame): Group[] {
  const groups: Group[] = [];
  for (let level = lowest; level <= highest; level += 1) {
    const one: Group = { levels: [level, level], rises_at_tenths: [], points: [] };
    for (let tenth = 0; tenth <= roundSeconds * 10; tenth += 1) {
      const points = bound(level, tenth / 10);
      if (points <= (one.points.at(-1) ?? 0)) continue;
      one.rises_at_tenths.push(tenth);
      one.points.push(points);
    }
    const before = groups.at(-1);
    if (before && JSON.stringify({ ...before, levels: 0 }) === JSON.stringify({ ...one, levels: 0 })) before.levels[1] = level;
    else groups.push(one);
  }
  return groups;
}

it('is in the table that the server reads', async () => {
  const table: Record<string, Record<string, object>> = {};
  for (const [key, game] of Object.entries(games)) {
    const [name = '', version = ''] = key.split('@');
    const { levels, inputs, roundSeconds } = game;
    (table[name] ??= {})[version] = { levels, inputs, round_s: roundSeconds, groups: groupsOf(game) };
  }
  const rows = JSON.stringify(table).replace(/("[a-z_]+":{"[^"]+":{|"groups"|{"levels"|"rises_at_tenths"|"points")/g, '\n$1');
  await expect(`${rows}\n`.trimStart()).toMatchFileSnapshot('../../../neuroplay/core/game_bounds.json');
});

it('is there for the version that the catalogue names of every game', () => {
  for (const { id, version, levels, playable } of catalogue.games) {
    const game = games[`${id}@${version}`];
    expect(game !== undefined || !playable, `the rules of ${id}@${version}`).toBe(true);
    if (game) expect(levels, `the levels of ${id}`).toEqual(game.levels);
  }
});

it.each(Object.entries(games))('%s has levels, inputs and rises that are possible', (key, { version, levels: [lowest, highest], inputs, bound, roundSeconds }) => {
  expect(key.split('@')[1]).toBe(version);
  expect(lowest).toBeGreaterThanOrEqual(0);
  expect(highest).toBeGreaterThan(lowest);
  expect(highest).toBeLessThanOrEqual(99);
  // 8 marks the step at which a round was left.
  expect(inputs & 8).toBe(0);
  expect(inputs).toBeGreaterThan(0);
  expect(bound(lowest, 0)).toBe(0);
  expect(bound(lowest, roundSeconds)).toBeGreaterThan(0);
});
