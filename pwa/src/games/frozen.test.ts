/** Released rules are frozen: a tablet that was offline for months plays them, and its rounds are
 * verified by them. `frozen/<game>@<version>.json` holds recorded rounds and what they gave.
 * tests/unit/infra/verifier/test_frozen_rounds.py asserts the same of the built rules.js.
 *
 * The file of a new version is written by the first run of this test. While the version is not
 * released, delete the file after a change of its rules; later, make another version. */

import { describe, expect, it } from 'vitest';

import type { Game } from './engine/game.ts';
import type { Replayed, RoundState } from './engine/rules_round.ts';
import type { VerifiedGame } from './engine/verified.ts';
import { able, leaving, others } from './frozen_players.ts';
import { games } from './rules_bundle.ts';

interface Round {
  /** The kind of player. */
  by: string;
  seed: number;
  level: number;
  gave?: Replayed;
  trace: number[];
}

const kept = import.meta.glob<string>('./frozen/*.json', { eager: true, query: '?raw', import: 'default' });
const own = import.meta.glob<Game<RoundState>>('./*/game.ts', { eager: true, import: 'game' });

const FEWEST_ROUNDS = 200;
const ODD_SEEDS = [0, 1, 2 ** 31 - 1, 2 ** 32 - 1];

function recorded(key: string, game: VerifiedGame): Round[] {
  const played = own[`./${key.split('@')[0]}/game.ts`];
  // The game plays its own version alone: an older one whose file is lost has no bot.
  const all = { ...(played?.rules.version === game.version && able(played)), ...others(game) };
  const left = Object.entries(all).map(([by, player]) => [`${by}, left`, leaving(player, game)] as const);
  const kinds = [...Object.entries(all), ...left];
  const [lowest, highest] = game.levels;
  const rounds: Round[] = [];
  for (let number = 0; rounds.length < FEWEST_ROUNDS; number += 1) {
    for (let level = lowest; level <= highest; level += 1) {
      // Each level has other kinds of players than the one before.
      const [by, player] = kinds[(number + Math.imul(level, 5)) % kinds.length] ?? ['idle', () => []];
      const seed = ODD_SEEDS[rounds.length] ?? Math.imul(rounds.length + 1, 0x9e3779b1) >>> 0;
      rounds.push({ by, seed, level, trace: player(seed, level) });
    }
  }
  return rounds;
}

function textOf(game: VerifiedGame, rounds: readonly Round[]): string {
  const lines = rounds.map(({ by, seed, level, trace }) =>
    JSON.stringify({ by, seed, level, gave: game.replay(seed, level, trace), trace }),
  );
  return `[\n${lines.join(',\n')}\n]\n`;
}

describe.each(Object.entries(games))('%s', (key, game) => {
  const file = `./frozen/${key}.json`;

  it('gives for recorded rounds what it gave when it was released', async () => {
    const before = kept[file];
    if (before === undefined) await expect(textOf(game, recorded(key, game))).toMatchFileSnapshot(file);
    // Never a snapshot: `-u` must not write it again.
    else expect(textOf(game, JSON.parse(before) as Round[])).toBe(before);
  });
});

it('has rules for every version that was released', () => {
  const known = Object.keys(games).map((key) => `./frozen/${key}.json`);
  expect(known).toEqual(expect.arrayContaining(Object.keys(kept)));
});

it.each(Object.entries(kept))('%s has rounds of every level, whole and left, that differ', (_file, text) => {
  const rounds = JSON.parse(text) as Required<Round>[];
  expect(rounds.length).toBeGreaterThanOrEqual(FEWEST_ROUNDS);
  expect(new Set(rounds.map(({ gave }) => gave.hash)).size).toBeGreaterThan(rounds.length / 2);
  expect(new Set(rounds.map(({ gave }) => gave.completed))).toEqual(new Set([true, false]));
  expect(Math.max(...rounds.map(({ gave }) => gave.accuracy))).toBeGreaterThan(0.9);
});
