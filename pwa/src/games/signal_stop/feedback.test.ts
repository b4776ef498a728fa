import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { say, type Played, type Said } from '../engine/game.ts';
import { masher, playRound, type Hand } from '../engine/play.ts';
import { finishedRound } from '../engine/round.ts';
import { PRESS } from '../engine/rules_press.ts';
import { praise, tip } from './feedback.ts';
import { game } from './game.ts';
import { bot, rules, type State } from './rules.ts';
import { SENTENCES } from './words.ts';

type Key = keyof typeof SENTENCES;

const wrong = ({ stimuli }: Played, kind: string) => stimuli.filter((one) => one.kind === kind && !one.right).length;
const effort = ({ effort: all }: Played, name: string) => all[name] ?? 0;

/** When each sentence may be said. */
const TRUE_WHEN: Record<Key, (round: Played, n: number | undefined) => boolean> = {
  // At least so often: what a child who no longer taps leaves alone does not count.
  waited: (round, n) =>
    n === effort(round, 'waited') && n > wrong(round, 'stop') && n <= round.stimuli.filter(({ kind, right }) => kind === 'stop' && right).length,
  chain: (round, n) => n === effort(round, 'longestChain') && n >= 8,
  carried: (round, n) => n !== undefined && n > 0 && n === round.stimuli.filter(({ kind, right }) => kind === 'go' && right).length,
  stayed: (round) => round.completed,
  tip_wait: (round) => wrong(round, 'stop') > 0,
  tip_tap: (round) => wrong(round, 'go') > 0,
  tip_harder: ({ difficulty, nextDifficulty: next }) => next > difficulty,
  tip_easier: ({ difficulty, nextDifficulty: next }) => next < difficulty,
  tip_calm: (round) => wrong(round, 'go') + wrong(round, 'stop') === 0,
};

const keyOf = ({ sentence }: Said) => (Object.keys(SENTENCES) as Key[]).find((key) => SENTENCES[key] === sentence)!;

function played(seed: number, level: number, hand: Hand<State>): Played {
  const { state, trace } = playRound(rules, { seed, level, hand });
  return finishedRound(game, state, trace);
}

describe('feedback', () => {
  it('says nothing that is not true of the round', () => {
    const slips = fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: 9 })).map(
      ([go, stop]): Hand<State> =>
        (state) =>
          state.kind === 0 ? (state.shown % go === 0 ? 0 : bot(state)) : state.open && state.shown % stop === 0 && state.step - state.appeared > 9 ? PRESS : 0,
    );
    const hands = fc.oneof(slips, fc.constant(bot), fc.integer({ min: 3, max: 80 }).map((every) => masher<State>(every, [PRESS])));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 1, max: 20 }), hands, (seed, level, hand) => {
        const round = played(seed, level, hand);
        for (const said of [...praise(round), tip(round)]) {
          expect(TRUE_WHEN[keyOf(said)](round, said.n), `${keyOf(said)} (${said.n})`).toBe(true);
        }
      }),
      { numRuns: 120 },
    );
  });

  const answers = (count: number, kind: string, right: boolean) => Array.from({ length: count }, () => ({ t: 0, kind, right, reactionMs: null, data: [1] }));
  const round = (parts: Partial<Played>): Played => ({ ...played(1, 10, () => 0), difficulty: 10, nextDifficulty: 10, ...parts });
  const CASES: [string, Played, Said[]][] = [
    [
      'patient, with a long chain',
      round({ effort: { waited: 9, carried: 30, longestChain: 12 }, stimuli: answers(2, 'stop', false) }),
      [say(SENTENCES.waited, 9), say(SENTENCES.chain, 12), say(SENTENCES.tip_wait)],
    ],
    [
      'tapped for most hexagons',
      round({ effort: { waited: 2, carried: 30, longestChain: 7 }, stimuli: answers(9, 'stop', false), nextDifficulty: 8 }),
      [say(SENTENCES.carried, 30), say(SENTENCES.tip_easier)],
    ],
    ['all missed', round({ effort: {}, stimuli: answers(9, 'go', false) }), [say(SENTENCES.stayed), say(SENTENCES.tip_tap)]],
    ['all right', round({ effort: { carried: 5 }, stimuli: answers(5, 'go', true) }), [say(SENTENCES.carried, 5), say(SENTENCES.tip_calm)]],
    ['harder next time', round({ effort: { carried: 5 }, stimuli: [], nextDifficulty: 12 }), [say(SENTENCES.carried, 5), say(SENTENCES.tip_harder)]],
  ];
  it.each(CASES)('%s', (_, one, expected) => {
    expect([...praise(one), tip(one)]).toEqual(expected);
  });

  it('has every sentence tried above', () => {
    const tried = new Set(CASES.flatMap(([, , said]) => said.map(keyOf)));
    expect([...tried].sort()).toEqual(Object.keys(SENTENCES).sort());
  });
});
