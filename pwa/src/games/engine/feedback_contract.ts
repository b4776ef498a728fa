/** What holds for the feedback of every game. Call `feedbackContract` in the game's test. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LANGUAGES, write } from '../../i18n/text.ts';
import type { Game, Played, Sentence } from './game.ts';
import { playRound, type Hand } from './play.ts';
import { feedbackOn, finishedRound } from './round.ts';
import type { RoundState } from './rules_round.ts';

/** What stands for the sentences that all games share. */
export const SHARED = 'shared';

/** No sentence for a child compares, promises cleverness or blames. */
const NEVER =
  /\b(better|others|smart|clever|talent|wrong|mistake|melhor que|outros|intelig\w*|err(ou|ado)|mejor que|otros|list[oa]s?|mal)\b/i;

export interface Feedback<K extends string> {
  sentences: Record<K, Sentence>;
  /** When each sentence may appear, with its number if it has one. */
  trueWhen: Record<K, (round: Played, n: number) => boolean>;
  /** Rounds of all kinds, played or made up. */
  rounds: fc.Arbitrary<Played>;
  numRuns?: number;
  /** Rounds with the names of what is said of them. Together they have every sentence. */
  cases: readonly (readonly [string, Played, readonly (K | typeof SHARED)[]])[];
}

export function feedbackContract<S extends RoundState, K extends string>(
  game: Game<S>,
  { sentences, trueWhen, rounds, numRuns = 120, cases }: Feedback<K>,
): void {
  const names = Object.keys(sentences) as K[];
  const said = (round: Played): { name: K | typeof SHARED; n: number }[] =>
    feedbackOn(game, round).map(({ sentence, n = 0 }) => ({ name: names.find((one) => sentences[one] === sentence) ?? SHARED, n }));

  describe('the feedback', () => {
    it('says nothing that is not true of the round', () => {
      fc.assert(
        fc.property(rounds, (round) => {
          const all = said(round);
          expect(all.length).toBeGreaterThan(0);
          expect(all.length).toBeLessThanOrEqual(3);
          for (const { name, n } of all) {
            const isTrue = name === SHARED ? !round.completed || round.trace.length === 0 : trueWhen[name](round, n);
            expect(isTrue, `${name} (${n})`).toBe(true);
          }
        }),
        { numRuns },
      );
    });

    it.each(cases)('%s', (_, round, expected) => {
      expect(said(round).map(({ name }) => name)).toEqual(expected);
    });

    it('has every sentence in the rounds above', () => {
      const tried = new Set(cases.flatMap(([, round]) => said(round).map(({ name }) => name)));
      expect([...tried].filter((name) => name !== SHARED).sort()).toEqual([...names].sort());
    });

    it('compares no children, promises no cleverness and blames nobody, in any language', () => {
      const tutorial = game.tutorial.says.map(({ sentence }) => sentence);
      for (const { id } of LANGUAGES)
        for (const sentence of [...Object.values<Sentence>(sentences), ...tutorial])
          for (const n of [1, 2]) expect(write(id, sentence[id], { n })).not.toMatch(NEVER);
    });
  });
}

/** Rounds that these hands play, at any level. */
export function playedRounds<S extends RoundState>(game: Game<S>, hands: fc.Arbitrary<Hand<S>>): fc.Arbitrary<Played> {
  const [min, max] = game.rules.levels;
  return fc
    .tuple(fc.integer({ min: 0, max: 0x7fffffff }), fc.integer({ min, max }), hands)
    .map(([seed, level, hand]) => {
      const { state, trace } = playRound(game.rules, { seed, level, hand });
      return finishedRound(game, state, trace);
    });
}

/** A round in which somebody tapped, and nothing was right or wrong, with these changes. */
export function roundWith<S extends RoundState>(game: Game<S>, change: Partial<Played>): Played {
  const level = game.rules.levels[1] >> 1;
  const start = finishedRound(game, game.rules.init(1, level), []);
  return { ...start, completed: true, trace: [60, 1], nextDifficulty: level, stimuli: [], effort: {}, ...change };
}

/** How many answers of a kind were right, or were not. */
export const answersOf = ({ stimuli }: Played, kind: string, right: boolean): number =>
  stimuli.filter((one) => one.kind === kind && one.right === right).length;

/** So many answers of a kind. */
export const answers = (count: number, kind: string, right: boolean, data: number[] = []) =>
  Array.from({ length: count }, () => ({ t: 0, kind, right, reactionMs: null, data }));

export const isHarder = ({ difficulty, nextDifficulty }: Played) => nextDifficulty > difficulty;
export const isEasier = ({ difficulty, nextDifficulty }: Played) => nextDifficulty < difficulty;
