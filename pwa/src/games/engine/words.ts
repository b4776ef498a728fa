/** The texts that all games share, in every language. */

import type { Language } from '../../i18n/text.ts';
import type { Sentence } from './game.ts';

export interface EngineWords {
  pause: string;
  points: string;
  time: string;
  chain: string;
  paused: string;
  go_on: string;
  leave: string;
  skip: string;
  your_turn: string;
  choices: string;
}

export const WORDS: Record<Language, EngineWords> = {
  'pt-BR': {
    pause: 'Pausa',
    points: 'Pontos',
    time: 'Tempo restante',
    chain: 'Seguidas',
    paused: 'Uma pausinha',
    go_on: 'Continuar',
    leave: 'Sair do jogo',
    skip: 'Pular e jogar',
    your_turn: 'Sua vez!',
    choices: 'Escolhas',
  },
  en: {
    pause: 'Pause',
    points: 'Points',
    time: 'Time left',
    chain: 'In a row',
    paused: 'A little break',
    go_on: 'Keep playing',
    leave: 'Leave the game',
    skip: 'Skip and play',
    your_turn: 'Your turn!',
    choices: 'Choices',
  },
  es: {
    pause: 'Pausa',
    points: 'Puntos',
    time: 'Tiempo restante',
    chain: 'Seguidas',
    paused: 'Una pausa',
    go_on: 'Seguir jugando',
    leave: 'Salir del juego',
    skip: 'Saltar y jugar',
    your_turn: '¡Te toca!',
    choices: 'Opciones',
  },
};

export const SENTENCES = {
  left: {
    'pt-BR': 'Você parou antes do fim, e tudo bem.',
    en: 'You stopped early, and that’s okay.',
    es: 'Paraste antes del final, y no pasa nada.',
  },
  watched: {
    'pt-BR': 'Você viu tudo até o fim. Agora é a sua vez de jogar!',
    en: 'You watched it all to the end. Now it’s your turn to play!',
    es: 'Lo viste todo hasta el final. ¡Ahora te toca jugar a ti!',
  },
} satisfies Record<string, Sentence>;
