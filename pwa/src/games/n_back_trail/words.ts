/** The game's texts, in every language. */

import type { Language } from '../../i18n/text.ts';
import type { GameWords, Sentence } from '../engine/game.ts';

export interface Words extends GameWords {
  /** On the button, by the number of stones back (index 0 is not used). */
  same: readonly string[];
  /** Said before a walk, likewise. */
  walk: readonly string[];
  yes: string;
  /** After a press too many, and after a stone that was missed. */
  differed: string;
  was_same: string;
}

export const WORDS: Record<Language, Words> = {
  'pt-BR': {
    field: 'Lago com pedras: aperte espaço quando a figura for igual',
    same: ['', 'Igual à pedra anterior', 'Igual à de 2 pedras atrás', 'Igual à de 3 pedras atrás'],
    walk: ['', 'Toque quando a figura for igual à da pedra anterior.', 'Toque quando a figura for igual à de 2 pedras atrás.', 'Toque quando a figura for igual à de 3 pedras atrás.'],
    yes: 'Isso, igual!',
    differed: 'Era diferente.',
    was_same: 'Era igual.',
  },
  en: {
    field: 'Pond with stones: press space when the picture is the same',
    same: ['', 'Same as the one before', 'Same as two before', 'Same as three before'],
    walk: ['', 'Tap when the picture is the same as the one before.', 'Tap when the picture is the same as two before.', 'Tap when the picture is the same as three before.'],
    yes: 'Yes, the same!',
    differed: 'That was different.',
    was_same: 'That was the same.',
  },
  es: {
    field: 'Laguna con piedras: presiona espacio cuando la figura sea igual',
    same: ['', 'Igual a la piedra anterior', 'Igual a la de 2 piedras atrás', 'Igual a la de 3 piedras atrás'],
    walk: ['', 'Toca cuando la figura sea igual a la de la piedra anterior.', 'Toca cuando la figura sea igual a la de 2 piedras atrás.', 'Toca cuando la figura sea igual a la de 3 piedras atrás.'],
    yes: '¡Sí, es igual!',
    differed: 'Era distinta.',
    was_same: 'Era igual.',
  },
};

/** Said and shown in the tutorial. */
export const TUTORIAL = {
  look: {
    'pt-BR': 'Olhe bem a figura de cada pedra.',
    en: 'Look at the picture on each stone.',
    es: 'Mira bien la figura de cada piedra.',
  },
  tap: {
    'pt-BR': 'Igual à pedra anterior? Toque!',
    en: 'Same as the stone before? Tap!',
    es: '¿Igual a la piedra anterior? ¡Toca!',
  },
  wait: {
    'pt-BR': 'É diferente? Espere.',
    en: 'Not the same? Wait.',
    es: '¿Es distinta? Espera.',
  },
} satisfies Record<string, Record<Language, string>>;

/** Feedback; feedback.ts decides when each sentence applies. */
export const SENTENCES = {
  found: {
    'pt-BR': { one: 'Você achou {n} figura igual.', other: 'Você achou {n} figuras iguais.' },
    en: { one: 'You found {n} picture that was the same.', other: 'You found {n} pictures that were the same.' },
    es: { one: 'Encontraste {n} figura igual.', other: 'Encontraste {n} figuras iguales.' },
  },
  waited: {
    'pt-BR': { one: 'Você esperou {n} vez quando a figura era diferente.', other: 'Você esperou {n} vezes quando a figura era diferente.' },
    en: { one: 'You waited {n} time when the picture was different.', other: 'You waited {n} times when the picture was different.' },
    es: { one: 'Esperaste {n} vez cuando la figura era distinta.', other: 'Esperaste {n} veces cuando la figura era distinta.' },
  },
  chain: {
    'pt-BR': { one: 'Você acertou {n} pedra seguida.', other: 'Você acertou {n} pedras seguidas.' },
    en: { one: 'You got {n} stone right in a row.', other: 'You got {n} stones right in a row.' },
    es: { one: 'Acertaste {n} piedra seguida.', other: 'Acertaste {n} piedras seguidas.' },
  },
  stayed: {
    'pt-BR': 'Você atravessou o lago até o fim.',
    en: 'You crossed the pond to the end.',
    es: 'Cruzaste la laguna hasta el final.',
  },
  tip_wait: {
    'pt-BR': 'Pense primeiro na figura da pedra com a pegada e depois decida.',
    en: 'First think of the picture on the stone with the footprint, then choose.',
    es: 'Piensa primero en la figura de la piedra con la huella y después decide.',
  },
  tip_name: {
    'pt-BR': 'Diga baixinho o nome de cada figura: isso ajuda a lembrar.',
    en: 'Whisper the name of each picture: it helps you remember.',
    es: 'Di bajito el nombre de cada figura: ayuda a recordar.',
  },
  tip_harder: {
    'pt-BR': 'Na próxima, o caminho fica um pouquinho mais difícil.',
    en: 'Next time, the path gets a tiny bit harder.',
    es: 'La próxima vez, el camino será un poquito más difícil.',
  },
  tip_easier: {
    'pt-BR': 'Na próxima, o caminho fica um pouco mais fácil.',
    en: 'Next time, the path gets a little easier.',
    es: 'La próxima vez, el camino será un poco más fácil.',
  },
  tip_calm: {
    'pt-BR': 'Continue olhando bem cada figura.',
    en: 'Keep looking carefully at each picture.',
    es: 'Sigue mirando bien cada figura.',
  },
} satisfies Record<string, Sentence>;
