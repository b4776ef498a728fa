import { Component, type ReactNode } from 'react';

import { language } from '../i18n/index.ts';

const WORDS = {
  'pt-BR': ['Alguma coisa não funcionou. Seus jogos continuam guardados neste tablet.', 'Começar de novo'],
  en: ['Something did not work. Your games are still safe on this tablet.', 'Start again'],
  es: ['Algo no funcionó. Tus juegos siguen guardados en esta tableta.', 'Empezar de nuevo'],
} as const;

/** What a child sees where a screen could not be drawn: words and a way out, never an empty page. It
 * needs nothing of the screens, one of which is broken. */
export class Mishap extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    const [said, again] = WORDS[language()];
    return (
      <main className="screen">
        <div className="centred" role="alert" data-testid="mishap">
          <h1>{said}</h1>
          <button className="paper-button main" onClick={() => location.replace('/')}>
            {again}
          </button>
        </div>
      </main>
    );
  }
}
