/** The game's texts, in every language. */

import type { Language } from '../../i18n/text.ts';
import type { GameWords, Sentence } from '../engine/game.ts';

export const WORDS: Record<Language, GameWords> = {
  'pt-BR': { field: 'Travessia: toque ou aperte espaço na lanterna redonda; na lanterna com pontas, espere' },
  en: { field: 'Crossing: tap or press space for a round lantern; wait for one with corners' },
  es: { field: 'Cruce: si el farol es redondo, toca o presiona espacio; si tiene puntas, espera' },
};

/** Said and shown in the tutorial. */
export const TUTORIAL = {
  go: {
    'pt-BR': 'Lanterna redonda: toque!',
    en: 'Round lantern: tap!',
    es: 'Farol redondo: ¡toca!',
  },
  wait: {
    'pt-BR': 'Lanterna com pontas: espere.',
    en: 'Lantern with corners: wait.',
    es: 'Farol con puntas: espera.',
  },
  look: {
    'pt-BR': 'Olhe bem e decida.',
    en: 'Look carefully, then choose.',
    es: 'Mira bien y decide.',
  },
} satisfies Record<string, Record<Language, string>>;

/** Told to screen readers when Neo rests. */
export const REST: Record<Language, string> = {
  'pt-BR': 'Pausa. Respire com o Neo.',
  en: 'A rest. Breathe with Neo.',
  es: 'Un descanso. Respira con Neo.',
};

/** Feedback; feedback.ts decides when each sentence applies. */
export const SENTENCES = {
  waited: {
    'pt-BR': { one: 'Você esperou sem tocar {n} vez.', other: 'Você esperou sem tocar {n} vezes.' },
    en: { one: 'You waited without tapping {n} time.', other: 'You waited without tapping {n} times.' },
    es: { one: 'Esperaste sin tocar {n} vez.', other: 'Esperaste sin tocar {n} veces.' },
  },
  chain: {
    'pt-BR': { one: 'Você acertou {n} lanterna seguida.', other: 'Você acertou {n} lanternas seguidas.' },
    en: { one: 'You got {n} lantern right in a row.', other: 'You got {n} lanterns right in a row.' },
    es: { one: 'Acertaste {n} farol seguido.', other: 'Acertaste {n} faroles seguidos.' },
  },
  carried: {
    'pt-BR': { one: 'Você carregou {n} lanterna.', other: 'Você carregou {n} lanternas.' },
    en: { one: 'You carried {n} lantern.', other: 'You carried {n} lanterns.' },
    es: { one: 'Llevaste {n} farol.', other: 'Llevaste {n} faroles.' },
  },
  stayed: {
    'pt-BR': 'Você ficou na travessia até o fim.',
    en: 'You stayed at the crossing to the end.',
    es: 'Te quedaste en el cruce hasta el final.',
  },
  tip_wait: {
    'pt-BR': 'Na próxima, olhe primeiro a forma da lanterna e depois decida.',
    en: 'Next time, look at the lantern’s shape first, then choose.',
    es: 'La próxima vez, mira primero la forma del farol y después decide.',
  },
  tip_tap: {
    'pt-BR': 'Na próxima, toque logo que a lanterna redonda acender.',
    en: 'Next time, tap as soon as a round lantern lights up.',
    es: 'La próxima vez, toca en cuanto se encienda el farol redondo.',
  },
  tip_harder: {
    'pt-BR': 'Na próxima, as lanternas ficam um pouquinho mais rápidas.',
    en: 'Next time, the lanterns get a tiny bit faster.',
    es: 'La próxima vez, los faroles van un poquito más rápido.',
  },
  tip_easier: {
    'pt-BR': 'Na próxima, as lanternas vão um pouco mais devagar.',
    en: 'Next time, the lanterns go a little slower.',
    es: 'La próxima vez, los faroles van un poco más despacio.',
  },
  tip_calm: {
    'pt-BR': 'Continue olhando bem antes de tocar.',
    en: 'Keep looking carefully before you tap.',
    es: 'Sigue mirando bien antes de tocar.',
  },
} satisfies Record<string, Sentence>;
