import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LANGUAGES, write } from '../../i18n/text.ts';
import { say, type Played, type Said } from '../engine/game.ts';
import { masher, playRound, type Hand } from '../engine/play.ts';
import { finishedRound } from '../engine/round.ts';
import { PRESS } from '../engine/rules_press.ts';
import { praise, tip } from './feedback.ts';
import { game } from './game.ts';
import { handOf } from './learners.ts';
import { bot, rules, type State } from './rules.ts';
import { MOST_BACK } from './rules_levels.ts';
import { SENTENCES, WORDS } from './words.ts';

type Key = keyof typeof SENTENCES;

const count = ({ stimuli }: Played, same: boolean, isRight: boolean) =>
  stimuli.filter(({ kind, right }) => (kind === 'same') === same && right === isRight).length;
const effort = ({ effort: all }: Played, name: string) => all[name] ?? 0;

/** The longest run of right answers. */
function longestRun({ stimuli }: Played): number {
  return Math.max(...stimuli.map(({ right }) => (right ? '1' : '0')).join('').split('0').map((run) => run.length));
}

/** When each sentence may be said. */
const TRUE_WHEN: Record<Key, (round: Played, n: number) => boolean> = {
  found: (round, n) => n > 0 && n === effort(round, 'found') && n <= count(round, true, true),
  waited: (round, n) => n === effort(round, 'waited') && n <= count(round, false, true) && n > count(round, false, false),
  chain: (round, n) => n >= 8 && n === effort(round, 'longestChain') && n <= longestRun(round),
  stayed: (round) => round.completed,
  tip_wait: (round) => count(round, false, false) > 0,
  tip_name: (round) => count(round, false, false) + count(round, true, false) > 0,
  tip_harder: ({ difficulty, nextDifficulty: next }) => next > difficulty,
  tip_easier: ({ difficulty, nextDifficulty: next }) => next < difficulty,
  tip_calm: (round) => count(round, false, false) + count(round, true, false) === 0,
};

const keyOf = ({ sentence }: Said) => (Object.keys(SENTENCES) as Key[]).find((key) => SENTENCES[key] === sentence)!;

function played(seed: number, level: number, hand: Hand<State>): Played {
  const { state, trace } = playRound(rules, { seed, level, hand });
  return finishedRound(game, state, trace);
}

describe('feedback', () => {
  it('says nothing that is not true of the round', () => {
    const learner = fc
      .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 99 }))
      .map(([level, seed]) => handOf({ level, slope: 3, pressMs: 700, spreadMs: 150 }, seed));
    const hands = fc.oneof(learner, fc.constant(bot), fc.integer({ min: 3, max: 300 }).map((every) => masher<State>(every, [PRESS])));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 1, max: 20 }), hands, (seed, level, hand) => {
        const round = played(seed, level, hand);
        const said = [...praise(round), tip(round)];
        expect(said.length).toBeLessThanOrEqual(3);
        for (const one of said) expect(TRUE_WHEN[keyOf(one)](round, one.n ?? 0), `${keyOf(one)} (${one.n})`).toBe(true);
      }),
      { numRuns: 120 },
    );
  });

  const answers = (n: number, kind: string, right: boolean) => Array.from({ length: n }, () => ({ t: 0, kind, right, reactionMs: null, data: [1, 1, 0] }));
  const round = (parts: Partial<Played>): Played => ({ ...played(1, 10, () => 0), difficulty: 10, nextDifficulty: 10, ...parts });
  const CASES: [string, Played, Said[]][] = [
    [
      'a long chain, then presses too many',
      round({ effort: { waited: 20, found: 7, longestChain: 12 }, stimuli: answers(3, 'other', false) }),
      [say(SENTENCES.found, 7), say(SENTENCES.chain, 12), say(SENTENCES.tip_wait)],
    ],
    [
      'patient, with some missed',
      round({ effort: { waited: 20, found: 4, longestChain: 6 }, stimuli: [...answers(5, 'same', false), ...answers(2, 'lure', false)] }),
      [say(SENTENCES.found, 4), say(SENTENCES.waited, 20), say(SENTENCES.tip_name)],
    ],
    [
      'pressed for nearly everything',
      round({ effort: { waited: 2, found: 1, longestChain: 3 }, stimuli: answers(20, 'other', false), nextDifficulty: 8 }),
      [say(SENTENCES.found, 1), say(SENTENCES.tip_easier)],
    ],
    ['all missed', round({ effort: {}, stimuli: answers(9, 'same', false) }), [say(SENTENCES.stayed), say(SENTENCES.tip_name)]],
    ['all right', round({ effort: { found: 5 }, stimuli: answers(5, 'same', true) }), [say(SENTENCES.found, 5), say(SENTENCES.tip_calm)]],
    ['harder next time', round({ effort: { found: 5 }, stimuli: [], nextDifficulty: 12 }), [say(SENTENCES.found, 5), say(SENTENCES.tip_harder)]],
  ];
  it.each(CASES)('%s', (_, one, expected) => {
    expect([...praise(one), tip(one)]).toEqual(expected);
  });

  it('has every sentence tried above', () => {
    const tried = new Set(CASES.flatMap(([, , said]) => said.map(keyOf)));
    expect([...tried].sort()).toEqual(Object.keys(SENTENCES).sort());
  });
});

describe('the words', () => {
  it.each(LANGUAGES)('name each number of stones back: $id', ({ id }) => {
    const { same, walk } = WORDS[id];
    for (const texts of [same, walk]) {
      expect(new Set(texts).size).toBe(MOST_BACK + 1);
      for (const text of texts.slice(1)) expect(write(id, text, {})).toBe(text);
    }
  });
});
