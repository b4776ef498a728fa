/** What the game does to players who reckon as real children do. */

import { expect, it } from 'vitest';

import { playRound } from '../engine/play.ts';
import { handOf, learner, luck } from './learners.ts';
import { stepsFor } from './rules_levels.ts';
import { RISE_STEPS, rules } from './rules.ts';

/** Beside the repository, never in it: OpenNeuro ds001486, children of 8 to 16 years who judged one-digit
 * products and differences. A data URL, if the file is there. */
const [sessions] = Object.values(
  import.meta.glob<string>('../../../../../shared/realdata/human-sessions.jsonl.gz', { eager: true, query: '?url&inline', import: 'default' }),
);

interface Session {
  game_type: string;
  metadata: { age_years?: string; reaction_times_ms: (number | null)[]; trial_correct: (0 | 1 | null)[] };
}

interface Answer {
  ms: number;
  right: boolean;
}

const AGES = ['8-9', '10-11', '12-13', '14-16'] as const;
const ageOf = (years: number) => AGES[Math.min(3, (years - 8) >> 1)]!;

/** All answers, by age. A question without one is one that took for ever. */
async function realAnswers(zipped: string): Promise<Record<string, Answer[]>> {
  const { body } = await fetch(zipped);
  const text = await new Response(body!.pipeThrough(new DecompressionStream('gzip'))).text();
  const found: Record<string, Answer[]> = Object.fromEntries(AGES.map((age) => [age, []]));
  for (const line of text.trim().split('\n')) {
    const { game_type: game, metadata } = JSON.parse(line) as Session;
    if (game !== 'arithmetic') continue;
    metadata.reaction_times_ms.forEach((ms, at) =>
      found[ageOf(Number(metadata.age_years))]!.push({ ms: ms ?? Infinity, right: metadata.trial_correct[at] === 1 }),
    );
  }
  return found;
}

/** The level of one-digit sums, products and differences; their time is stepsFor(LEVEL). */
const LEVEL = 10;
const SECONDS = stepsFor(LEVEL, { a: 8, b: 6, right: 2 }) / 60;

const name = 'children of each age come to rest near four of five right, older ones at higher levels';

it.skipIf(!sessions)(sessions ? name : `${name} (not run: their sessions are not on this machine)`, async () => {
  const rests: number[] = [];
  for (const [age, answers] of Object.entries(await realAnswers(sessions!))) {
    const inTime = answers.filter(({ ms, right }) => right && ms <= SECONDS * 1000);
    const share = inTime.length / answers.length;
    expect(share, age).toBeGreaterThan(0.6);
    // The level at which a curve with this share at LEVEL has its middle.
    const middle = LEVEL - 2 * Math.log((0.99 - 1 / 3) / (share - 1 / 3) - 1);
    let right = 0;
    let total = 0;
    const levels: number[] = [];
    for (let child = 0; child < 60; child += 1) {
      const chance = luck(child * 31 + 7);
      const took = () => RISE_STEPS + (inTime[Math.floor(chance() * inTime.length)]!.ms * 60) / 1000;
      const hand = handOf(learner(middle, took), chance);
      let level = 1;
      for (let round = 0; round < 4; round += 1) {
        const { state } = playRound(rules, { seed: child * 5 + round, level, hand });
        level = rules.next(state);
        if (round < 2) continue;
        right += state.right;
        total += state.total;
      }
      levels.push(level);
    }
    expect(right / total, `right of ${age}`).toBeGreaterThan(0.74);
    expect(right / total, `right of ${age}`).toBeLessThan(0.85);
    rests.push(levels.reduce((a, b) => a + b) / levels.length);
  }
  expect(rests).toEqual([...rests].sort((a, b) => a - b));
  expect(rests[3]! - rests[0]!).toBeGreaterThan(1.5);
});
