/** What the game does to players who remember as real children do. */

import { expect, it } from 'vitest';

import { playRound } from '../engine/play.ts';
import { handOf } from './learners.ts';
import { rules } from './rules.ts';
import { levelAt, LEVELS } from './rules_levels.ts';
import { windowOf } from './rules_trail.ts';

/** Beside the repository, never in it: OpenNeuro ds002424, children of 8 to 11 years. A data URL, if the
 * file is there. */
const [sessions] = Object.values(
  import.meta.glob<string>('../../../../../shared/realdata/human-sessions.jsonl.gz', { eager: true, query: '?url&inline', import: 'default' }),
);

interface Session {
  game_type: string;
  metadata: { age_years?: string; reaction_times_ms: (number | null)[]; trial_correct: (0 | 1 | null)[] };
}

interface Age {
  times: number[];
  right: number;
  total: number;
}

async function realAges(zipped: string): Promise<Record<'8-9' | '10-11', Age>> {
  const { body } = await fetch(zipped);
  const text = await new Response(body!.pipeThrough(new DecompressionStream('gzip'))).text();
  const ages = { '8-9': { times: [], right: 0, total: 0 }, '10-11': { times: [], right: 0, total: 0 } } as Record<'8-9' | '10-11', Age>;
  for (const line of text.trim().split('\n')) {
    const { game_type: game, metadata } = JSON.parse(line) as Session;
    if (game !== 'nback') continue;
    const age = ages[Number(metadata.age_years) < 10 ? '8-9' : '10-11'];
    for (const ms of metadata.reaction_times_ms) if (ms !== null) age.times.push(ms);
    for (const right of metadata.trial_correct) {
      age.right += right ?? 0;
      age.total += right === null ? 0 : 1;
    }
  }
  for (const { times } of Object.values(ages)) times.sort((a, b) => a - b);
  return ages;
}

/** Their task is taken for one of this level. */
const LEVEL = 8;

const name = 'children answer in time at every level, rest near four of five right, and older ones at higher levels';

it.skipIf(!sessions)(sessions ? name : `${name} (not run: their sessions are not on this machine)`, async () => {
  const rests: number[] = [];
  for (const [age, { times, right, total }] of Object.entries(await realAges(sessions!))) {
    const timeAt = (share: number) => times[Math.floor(share * times.length)]!;
    for (let level = LEVELS[0]; level <= LEVELS[1]; level += 1) {
      expect((windowOf(levelAt(level).interval) * 1000) / 60, `level ${level}`).toBeGreaterThan(timeAt(0.95));
    }
    // Four of five right are odds of 4; they shrink to a third in four levels.
    const own = LEVEL - 4 * (Math.log(4 / (right / (total - right))) / Math.log(3));
    const learner = { level: own, slope: 4, pressMs: timeAt(0.5), spreadMs: 100 };
    const shares: number[] = [];
    const levels: number[] = [];
    for (let child = 1; child <= 80; child += 1) {
      let level = 1;
      for (let round = 0; round < 5; round += 1) {
        const { state } = playRound(rules, { seed: child * 5 + round, level, hand: handOf(learner, child * 31 + round, timeAt) });
        level = rules.next(state);
        if (round >= 2) shares.push(state.right / state.total);
      }
      levels.push(level);
    }
    const mean = (all: number[]) => all.reduce((a, b) => a + b) / all.length;
    expect(mean(shares), `right of ${age}`).toBeGreaterThan(0.75);
    expect(mean(shares), `right of ${age}`).toBeLessThan(0.85);
    rests.push(mean(levels));
  }
  expect(rests[1]!).toBeGreaterThan(rests[0]!);
});
