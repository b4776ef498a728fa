/** The game's texts, in every language. */

import { write, type Language, type Text } from '../../i18n/text.ts';
import type { Sentence } from '../engine/game.ts';

export interface Words {
  field: string;
  drum: Text;
  /** In the order of the drums. */
  forms: readonly string[];
  look: string;
  your_turn: string;
  backwards: string;
  turn: Text;
  turn_back: Text;
  right: string;
  it_was: Text;
  new_drum: Text;
}

export const WORDS: Record<Language, Words> = {
  'pt-BR': {
    field: 'Tambores: teclas de 1 a 6, ou setas e Enter',
    drum: 'tambor {n}, {form}',
    forms: ['círculo', 'triângulo', 'quadrado', 'losango', 'estrela', 'coração'],
    look: 'Olhe e ouça',
    your_turn: 'Sua vez!',
    backwards: 'De trás pra frente!',
    turn: 'Sua vez: {notes}.',
    turn_back: 'Sua vez, de trás pra frente. A melodia foi {notes}.',
    right: 'Isso mesmo!',
    it_was: 'Era a vez do {drum}.',
    new_drum: 'Chegou mais um: {drum}.',
  },
  en: {
    field: 'Drums: keys 1 to 6, or arrow keys and Enter',
    drum: 'drum {n}, {form}',
    forms: ['circle', 'triangle', 'square', 'diamond', 'star', 'heart'],
    look: 'Look and listen',
    your_turn: 'Your turn!',
    backwards: 'Play it backwards!',
    turn: 'Your turn: {notes}.',
    turn_back: 'Your turn, backwards. The tune was {notes}.',
    right: 'That’s it!',
    it_was: 'It was {drum}.',
    new_drum: 'One more drum: {drum}.',
  },
  es: {
    field: 'Tambores: teclas del 1 al 6, o flechas y Enter',
    drum: 'tambor {n}, {form}',
    forms: ['círculo', 'triángulo', 'cuadrado', 'rombo', 'estrella', 'corazón'],
    look: 'Mira y escucha',
    your_turn: '¡Te toca!',
    backwards: '¡De atrás para adelante!',
    turn: 'Te toca: {notes}.',
    turn_back: 'Te toca, de atrás para adelante. La melodía fue {notes}.',
    right: '¡Eso es!',
    it_was: 'Era el turno del {drum}.',
    new_drum: 'Llegó uno más: {drum}.',
  },
};

export function drumName(language: Language, drum: number): string {
  const { drum: name, forms } = WORDS[language];
  return write(language, name, { n: drum + 1, form: forms[drum] ?? '' });
}

/** Feedback sentences; feedback.ts decides when each one applies. */
export const SENTENCES = {
  result_longest: {
    'pt-BR': 'A melodia mais comprida que você tocou teve {n} notas.',
    en: 'The longest tune you played had {n} notes.',
    es: 'La melodía más larga que tocaste tuvo {n} notas.',
  },
  result_back: {
    'pt-BR': { one: 'Você tocou {n} melodia de trás pra frente.', other: 'Você tocou {n} melodias de trás pra frente.' },
    en: { one: 'You played {n} tune backwards.', other: 'You played {n} tunes backwards.' },
    es: { one: 'Tocaste {n} melodía de atrás para adelante.', other: 'Tocaste {n} melodías de atrás para adelante.' },
  },
  result_recovered: {
    'pt-BR': { one: 'Depois de um tropeço, você acertou a melodia seguinte.', other: 'Depois de um tropeço, você acertou a melodia seguinte {n} vezes.' },
    en: { one: 'After a slip, you got the very next tune right.', other: 'After a slip, you got the very next tune right {n} times.' },
    es: { one: 'Después de un tropiezo, acertaste la melodía siguiente.', other: 'Después de un tropiezo, acertaste la melodía siguiente {n} veces.' },
  },
  result_listened: {
    'pt-BR': { one: 'Você ouviu {n} melodia até o fim antes de tocar.', other: 'Você ouviu {n} melodias até o fim antes de tocar.' },
    en: { one: 'You listened to {n} tune to the end before you played.', other: 'You listened to {n} tunes to the end before you played.' },
    es: { one: 'Escuchaste {n} melodía hasta el final antes de tocar.', other: 'Escuchaste {n} melodías hasta el final antes de tocar.' },
  },
  result_end: {
    'pt-BR': 'Você ficou com os tambores até o fim.',
    en: 'You stayed with the drums right to the end.',
    es: 'Te quedaste con los tambores hasta el final.',
  },
  tip_harder: {
    'pt-BR': 'Na próxima, as melodias ficam um pouquinho mais difíceis.',
    en: 'Next time, the tunes get a tiny bit harder.',
    es: 'La próxima vez, las melodías serán un poquito más difíciles.',
  },
  tip_easier: {
    'pt-BR': 'Na próxima, as melodias ficam um pouco mais fáceis.',
    en: 'Next time, the tunes get a little easier.',
    es: 'La próxima vez, las melodías serán un poco más fáciles.',
  },
  tip_wait: {
    'pt-BR': 'Espere os tambores acordarem: aí é a sua vez.',
    en: 'Wait until the drums wake up: then it’s your turn.',
    es: 'Espera a que despierten los tambores: entonces te toca.',
  },
  tip_back: {
    'pt-BR': 'De trás pra frente, comece pelo último tambor que tocou.',
    en: 'To play backwards, start with the drum that played last.',
    es: 'De atrás para adelante, empieza por el último tambor que sonó.',
  },
  tip_sing: {
    'pt-BR': 'Cante a melodia baixinho, ou diga os números: isso ajuda a lembrar.',
    en: 'Hum the tune, or whisper the numbers: it helps you remember.',
    es: 'Canta la melodía bajito, o di los números: ayuda a recordar.',
  },
} satisfies Record<string, Sentence>;

/** Said and shown in the tutorial. */
export const TUTORIAL = {
  listen: {
    'pt-BR': 'Olhe e ouça: quais tambores tocam?',
    en: 'Look and listen: which drums play?',
    es: 'Mira y escucha: ¿qué tambores suenan?',
  },
  echo: {
    'pt-BR': 'Eles acordaram! Toque na mesma ordem.',
    en: 'They’re awake! Play them in the same order.',
    es: '¡Despertaron! Toca en el mismo orden.',
  },
  longer: {
    'pt-BR': 'Depois a melodia fica mais comprida.',
    en: 'Then the tune gets longer.',
    es: 'Después la melodía se hace más larga.',
  },
} satisfies Record<string, Record<Language, string>>;
