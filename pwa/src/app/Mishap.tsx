import { Component, type ReactNode } from 'react';

import { language } from '../i18n/index.ts';
import { wordsOf } from '../i18n/words.ts';

/** Error boundary: shows a message and a way out instead of an empty page. It uses no component
 * of the app, since one of them is broken. */
export class Mishap extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override componentDidCatch(error: unknown): void {
    // Preact says nothing of an error that was caught: throw it where only the console sees it.
    setTimeout(() => {
      throw error;
    });
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    const { mishap: said, mishap_again: again } = wordsOf(language());
    return (
      <main className="boot">
        <div role="alert" data-testid="mishap">
          <h1>{said}</h1>
          <button className="paper-button main" onClick={() => location.replace('/')}>
            {again}
          </button>
        </div>
      </main>
    );
  }
}
