/** The game's texts, in every language. */

import type { Language } from '../../i18n/text.ts';
import type { GameWords, Sentence } from '../engine/game.ts';

export const WORDS: Record<Language, GameWords> = {
  'pt-BR': {
    field: 'Pista: setas para a esquerda e a direita para mudar de faixa, para cima para pular',
  },
  en: {
    field: 'Road: left and right arrows to move, up to jump',
  },
  es: {
    field: 'Pista: flechas izquierda y derecha para moverse, arriba para saltar',
  },
};

/** Feedback sentences; feedback.ts decides when each one applies. */
export const SENTENCES = {
  result_end: {
    'pt-BR': 'Você ficou na pista até o fim.',
    en: 'You stayed on the road all the way to the end.',
    es: 'Te quedaste en la pista hasta el final.',
  },
  result_waited: {
    'pt-BR': { one: 'Você esperou e deixou {n} quadrado passar.', other: 'Você esperou e deixou {n} quadrados passarem.' },
    en: { one: 'You waited and let {n} square pass.', other: 'You waited and let {n} squares pass.' },
    es: { one: 'Esperaste y dejaste pasar {n} cuadrado.', other: 'Esperaste y dejaste pasar {n} cuadrados.' },
  },
  result_dodged: {
    'pt-BR': { one: 'Você desviou {n} vez.', other: 'Você desviou {n} vezes.' },
    en: { one: 'You dodged {n} time.', other: 'You dodged {n} times.' },
    es: { one: 'Esquivaste {n} vez.', other: 'Esquivaste {n} veces.' },
  },
  result_orbs: {
    'pt-BR': { one: 'Você pegou {n} luz.', other: 'Você pegou {n} luzes.' },
    en: { one: 'You caught {n} light.', other: 'You caught {n} lights.' },
    es: { one: 'Atrapaste {n} luz.', other: 'Atrapaste {n} luces.' },
  },
  result_chain: {
    'pt-BR': { one: 'A sua maior sequência foi de {n} luz.', other: 'A sua maior sequência foi de {n} luzes.' },
    en: { one: 'Your longest chain was {n} light.', other: 'Your longest chain was {n} lights.' },
    es: { one: 'Tu cadena más larga fue de {n} luz.', other: 'Tu cadena más larga fue de {n} luces.' },
  },
  tip_decoys: {
    'pt-BR': 'Na próxima, respire e deixe os quadrados passarem.',
    en: 'Next time, take a breath and let the squares pass.',
    es: 'La próxima vez, respira y deja pasar los cuadrados.',
  },
  tip_dodge: {
    'pt-BR': 'Na próxima, olhe mais para a frente na pista para desviar a tempo.',
    en: 'Next time, look farther ahead so you can dodge in time.',
    es: 'La próxima vez, mira más adelante en la pista para esquivar a tiempo.',
  },
  tip_orbs: {
    'pt-BR': 'Na próxima, procure a luz redonda antes de ela chegar.',
    en: 'Next time, look for the round light before it reaches you.',
    es: 'La próxima vez, busca la luz redonda antes de que llegue.',
  },
  tip_harder: {
    'pt-BR': 'Na próxima, a pista fica um pouquinho mais rápida.',
    en: 'Next time, the road gets a tiny bit faster.',
    es: 'La próxima vez, la pista va un poquito más rápido.',
  },
  tip_easier: {
    'pt-BR': 'Na próxima, a pista vai um pouco mais devagar.',
    en: 'Next time, the road goes a little slower.',
    es: 'La próxima vez, la pista va un poco más despacio.',
  },
  tip_top: {
    'pt-BR': 'Você já está na pista mais rápida. Continue jogando com esse cuidado.',
    en: 'You’re already on the fastest road. Keep playing this carefully.',
    es: 'Ya estás en la pista más rápida. Sigue jugando con ese cuidado.',
  },
  tip_chain: {
    'pt-BR': 'Na próxima, tente pegar {n} luzes seguidas.',
    en: 'Next time, try to catch {n} lights in a row.',
    es: 'La próxima vez, intenta atrapar {n} luces seguidas.',
  },
} satisfies Record<string, Sentence>;

/** Said and shown in the tutorial. */
export const TUTORIAL = {
  catch: {
    'pt-BR': 'Pegue as luzes redondas!',
    en: 'Catch the round lights!',
    es: '¡Atrapa las luces redondas!',
  },
  leave: {
    'pt-BR': 'Deixe os quadrados em paz.',
    en: 'Leave the squares alone.',
    es: 'Deja en paz los cuadrados.',
  },
  dodge: {
    'pt-BR': 'Desvie dos espinhos ou pule.',
    en: 'Dodge the spikes, or jump over them.',
    es: 'Esquiva las púas o salta.',
  },
} satisfies Record<string, Record<Language, string>>;
