/** The game's texts, in every language. */

import type { Language } from '../../i18n/text.ts';
import type { GameWords, Sentence } from '../engine/game.ts';
import { MINUS, MOST, MOST_DOTS, TIMES } from './rules_levels.ts';
import type { Task } from './rules_task.ts';

interface Words extends GameWords {
  most_dots: string;
  most: string;
  plus: string;
  minus: string;
  times: string;
  /** Said after an answer. */
  yes: string;
  it_is: string;
}

export const WORDS: Record<Language, Words> = {
  'pt-BR': {
    field: 'Três lanternas com respostas: toque em uma, ou use as teclas 1, 2 e 3',
    most_dots: 'Onde tem mais luzes?',
    most: 'Qual é o maior número?',
    plus: 'mais',
    minus: 'menos',
    times: 'vezes',
    yes: 'Isso!',
    it_is: 'É',
  },
  en: {
    field: 'Three lanterns with answers: tap one, or use the keys 1, 2 and 3',
    most_dots: 'Which has the most lights?',
    most: 'Which number is the biggest?',
    plus: 'plus',
    minus: 'minus',
    times: 'times',
    yes: 'Yes!',
    it_is: 'It’s',
  },
  es: {
    field: 'Tres faroles con respuestas: toca uno o usa las teclas 1, 2 y 3',
    most_dots: '¿Dónde hay más luces?',
    most: '¿Cuál es el número más grande?',
    plus: 'más',
    minus: 'menos',
    times: 'por',
    yes: '¡Sí!',
    it_is: 'Es',
  },
};

/** The task as it is said: "3 plus 4". */
export function taskIn(language: Language, { kind, a, b }: Task): string {
  const words = WORDS[language];
  if (kind === MOST_DOTS) return words.most_dots;
  if (kind === MOST) return words.most;
  return `${a} ${kind === MINUS ? words.minus : kind === TIMES ? words.times : words.plus} ${b}`;
}

/** Feedback sentences; feedback.ts decides when each one applies. */
export const SENTENCES = {
  result_chain: {
    'pt-BR': { one: 'Você acertou {n} resposta seguida.', other: 'Você acertou {n} respostas seguidas.' },
    en: 'You got {n} right in a row.',
    es: { one: 'Acertaste {n} respuesta seguida.', other: 'Acertaste {n} respuestas seguidas.' },
  },
  result_found: {
    'pt-BR': { one: 'Você achou {n} resposta certa.', other: 'Você achou {n} respostas certas.' },
    en: { one: 'You found {n} right answer.', other: 'You found {n} right answers.' },
    es: { one: 'Encontraste {n} respuesta correcta.', other: 'Encontraste {n} respuestas correctas.' },
  },
  result_end: {
    'pt-BR': 'Você ficou até o fim.',
    en: 'You stayed all the way to the end.',
    es: 'Te quedaste hasta el final.',
  },
  result_recovered: {
    'pt-BR': { one: 'Depois de um tropeço, você acertou a seguinte.', other: 'Depois de um tropeço, você acertou a seguinte {n} vezes.' },
    en: { one: 'After a slip, you got the very next one right.', other: 'After a slip, you got the very next one right {n} times.' },
    es: { one: 'Después de un tropiezo, acertaste la siguiente.', other: 'Después de un tropiezo, acertaste la siguiente {n} veces.' },
  },
  tip_look: {
    'pt-BR': 'Na próxima, olhe as três lanternas antes de tocar.',
    en: 'Next time, look at all three lanterns before you tap.',
    es: 'La próxima vez, mira los tres faroles antes de tocar.',
  },
  tip_nearest: {
    'pt-BR': 'Na próxima, se não tiver certeza, escolha a resposta que parece mais perto.',
    en: 'Next time, if you’re not sure, pick the answer that looks closest.',
    es: 'La próxima vez, si tienes dudas, elige la respuesta que parezca más cercana.',
  },
  tip_plus: {
    'pt-BR': 'Na próxima, comece pelo número maior e conte para a frente.',
    en: 'Next time, start from the bigger number and count on.',
    es: 'La próxima vez, empieza por el número mayor y cuenta hacia adelante.',
  },
  tip_minus: {
    'pt-BR': 'Na próxima, conte do número menor até o maior: de 8 até 11 são 3.',
    en: 'Next time, count up from the smaller number: from 8 to 11 is 3.',
    es: 'La próxima vez, cuenta del número menor al mayor: de 8 a 11 van 3.',
  },
  tip_times: {
    'pt-BR': 'Na próxima, use uma conta que você já sabe: 6 vezes 4 é 5 vezes 4 e mais 4.',
    en: 'Next time, use one you know: 6 times 4 is 5 times 4 and 4 more.',
    es: 'La próxima vez, usa una que ya sepas: 6 por 4 es 5 por 4 y 4 más.',
  },
  tip_harder: {
    'pt-BR': 'Na próxima, as perguntas ficam um pouquinho mais difíceis.',
    en: 'Next time, the questions get a tiny bit harder.',
    es: 'La próxima vez, las preguntas serán un poquito más difíciles.',
  },
  tip_easier: {
    'pt-BR': 'Na próxima, as perguntas ficam um pouco mais fáceis.',
    en: 'Next time, the questions get a little easier.',
    es: 'La próxima vez, las preguntas serán un poco más fáciles.',
  },
  tip_chain: {
    'pt-BR': 'Na próxima, tente acertar {n} respostas seguidas.',
    en: 'Next time, try to get {n} right in a row.',
    es: 'La próxima vez, intenta acertar {n} respuestas seguidas.',
  },
} satisfies Record<string, Sentence>;

/** Said and shown in the tutorial. */
export const TUTORIAL = {
  most: {
    'pt-BR': 'Onde tem mais luzes? Toque nessa lanterna.',
    en: 'Which has the most lights? Tap that lantern.',
    es: '¿Dónde hay más luces? Toca ese farol.',
  },
  time: {
    'pt-BR': 'A luz da lanterna grande desce devagar. Dá tempo de pensar.',
    en: 'The big lantern’s light sinks slowly. You have time to think.',
    es: 'La luz del farol grande baja despacio. Hay tiempo para pensar.',
  },
  sums: {
    'pt-BR': 'Depois vêm números e contas.',
    en: 'Then come numbers and sums.',
    es: 'Después vienen números y cuentas.',
  },
} satisfies Record<string, Record<Language, string>>;
