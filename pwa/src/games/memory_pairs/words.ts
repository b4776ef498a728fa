/** The game's texts, in every language. */

import { write, type Language, type Text } from '../../i18n/text.ts';
import type { Sentence } from '../engine/game.ts';
import { PICTURE_NAMES } from '../engine/pictures.ts';
import { FORMS } from './rules_levels.ts';

export interface Words {
  field: string;
  down: Text;
  open: Text;
  found: Text;
  pair: string;
  differ: string;
  board: Text;
  look: string;
  swap: Text;
  cleared: string;
  forms: readonly string[];
}

export const WORDS: Record<Language, Words> = {
  'pt-BR': {
    field: 'Cartas: setas para escolher, Enter para virar',
    down: 'carta {n} de {m}, virada para baixo',
    open: 'carta {n} de {m}: {picture}',
    found: 'carta {n} de {m}, par achado: {picture}',
    pair: 'É um par!',
    differ: 'Não é um par.',
    board: '{n} pares para achar.',
    look: 'Lembre bem:',
    swap: 'As cartas {n} e {m} trocaram de lugar.',
    cleared: 'Você achou todos os pares!',
    forms: ['', 'com bolinhas', 'com listras', 'com um X'],
  },
  en: {
    field: 'Cards: arrow keys to choose, Enter to turn over',
    down: 'card {n} of {m}, face down',
    open: 'card {n} of {m}: {picture}',
    found: 'card {n} of {m}, found: {picture}',
    pair: 'It’s a pair!',
    differ: 'Not a pair.',
    board: '{n} pairs to find.',
    look: 'Remember these:',
    swap: 'Cards {n} and {m} swapped places.',
    cleared: 'You found all the pairs!',
    forms: ['', 'with dots', 'with stripes', 'with an X'],
  },
  es: {
    field: 'Cartas: flechas para elegir, Enter para voltear',
    down: 'carta {n} de {m}, boca abajo',
    open: 'carta {n} de {m}: {picture}',
    found: 'carta {n} de {m}, pareja encontrada: {picture}',
    pair: '¡Es una pareja!',
    differ: 'No es una pareja.',
    board: '{n} parejas por encontrar.',
    look: 'Recuerda bien:',
    swap: 'Las cartas {n} y {m} cambiaron de lugar.',
    cleared: '¡Encontraste todas las parejas!',
    forms: ['', 'con puntos', 'con rayas', 'con una X'],
  },
};

export function pictureName(language: Language, picture: number): string {
  const { forms } = WORDS[language];
  const form = picture % FORMS;
  return `${PICTURE_NAMES[language][(picture - form) / FORMS] ?? ''} ${forms[form] ?? ''}`.trim();
}

/** What a screen reader says of a card; `picture` is -1 for one that lies face down. */
export function cardName(language: Language, of: { place: number; cards: number; picture: number; isFound: boolean }): string {
  const { down, open, found } = WORDS[language];
  const text = of.picture < 0 ? down : of.isFound ? found : open;
  return write(language, text, { n: of.place + 1, m: of.cards, picture: of.picture < 0 ? '' : pictureName(language, of.picture) });
}

const sentences = <K extends string>(all: Record<K, Sentence>) => all;

/** Feedback sentences; feedback.ts decides when each one applies. */
export const SENTENCES = sentences({
  result_pairs: {
    'pt-BR': { one: 'Você achou {n} par.', other: 'Você achou {n} pares.' },
    en: { one: 'You found {n} pair.', other: 'You found {n} pairs.' },
    es: { one: 'Encontraste {n} pareja.', other: 'Encontraste {n} parejas.' },
  },
  result_clean: {
    'pt-BR': { one: 'Você terminou {n} tabuleiro sem virar nada à toa.', other: 'Você terminou {n} tabuleiros sem virar nada à toa.' },
    en: { one: 'You finished {n} board without a wasted turn.', other: 'You finished {n} boards without a wasted turn.' },
    es: { one: 'Terminaste {n} tablero sin voltear nada de más.', other: 'Terminaste {n} tableros sin voltear nada de más.' },
  },
  result_remembered: {
    'pt-BR': { one: 'Você achou de novo {n} carta que já tinha visto.', other: 'Você achou de novo {n} cartas que já tinha visto.' },
    en: { one: 'You found {n} card that you had already seen.', other: 'You found {n} cards that you had already seen.' },
    es: { one: 'Encontraste de nuevo {n} carta que ya habías visto.', other: 'Encontraste de nuevo {n} cartas que ya habías visto.' },
  },
  result_end: {
    'pt-BR': 'Você procurou pares até o fim.',
    en: 'You looked for pairs right to the end.',
    es: 'Buscaste parejas hasta el final.',
  },
  tip_harder: {
    'pt-BR': 'Na próxima, os tabuleiros ficam um pouquinho mais difíceis.',
    en: 'Next time, the boards get a tiny bit harder.',
    es: 'La próxima vez, los tableros serán un poquito más difíciles.',
  },
  tip_easier: {
    'pt-BR': 'Na próxima, os tabuleiros ficam um pouco mais fáceis.',
    en: 'Next time, the boards get a little easier.',
    es: 'La próxima vez, los tableros serán un poco más fáciles.',
  },
  tip_take: {
    'pt-BR': 'Quando você já viu as duas cartas de um par, vire essas duas primeiro.',
    en: 'When you have seen both cards of a pair, turn those two over first.',
    es: 'Cuando ya viste las dos cartas de una pareja, voltea esas dos primero.',
  },
  tip_new: {
    'pt-BR': 'Quando não souber onde há um par, vire uma carta que você ainda não viu.',
    en: 'When you don’t know where a pair is, turn over a card you haven’t seen yet.',
    es: 'Cuando no sepas dónde hay una pareja, voltea una carta que todavía no viste.',
  },
  tip_name: {
    'pt-BR': 'Diga baixinho o nome de cada figura: isso ajuda a lembrar.',
    en: 'Whisper the name of each picture: it helps you remember.',
    es: 'Di bajito el nombre de cada figura: ayuda a recordar.',
  },
});

export const TUTORIAL = {
  look: {
    'pt-BR': 'Olhe bem onde está cada figura.',
    en: 'Look carefully: where is each picture?',
    es: 'Mira bien dónde está cada figura.',
  },
  turn: {
    'pt-BR': 'Vire duas cartas iguais.',
    en: 'Turn over two cards that match.',
    es: 'Voltea dos cartas iguales.',
  },
  remember: {
    'pt-BR': 'Lembre onde elas estavam!',
    en: 'Remember where they were!',
    es: '¡Recuerda dónde estaban!',
  },
} satisfies Record<string, Record<Language, string>>;
