/** The few words of the game; nothing needs them to be played. */

export const WORDS = {
  'pt-BR': {
    pause: 'Pausa',
    points: 'Pontos',
    time: 'Tempo que falta',
    paused: 'Uma pausa',
    go_on: 'Continuar',
    leave: 'Sair do jogo',
    field: 'Pista: setas para os lados, para cima pula',
  },
  en: {
    pause: 'Pause',
    points: 'Points',
    time: 'Time left',
    paused: 'A little break',
    go_on: 'Go on',
    leave: 'Leave the game',
    field: 'Road: arrows to the sides, up to jump',
  },
  es: {
    pause: 'Pausa',
    points: 'Puntos',
    time: 'Tiempo que queda',
    paused: 'Una pausa',
    go_on: 'Seguir',
    leave: 'Salir del juego',
    field: 'Pista: flechas a los lados, arriba salta',
  },
} as const;
