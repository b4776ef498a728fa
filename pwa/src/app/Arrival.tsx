import { useEffect } from 'react';

import { useWords } from '../i18n/index.ts';

/** Rendered after a screen's content: sets the page title and moves the focus to the heading, so
 * that screen readers announce the screen and Tab continues from there. */
export function Arrival({ screen }: { screen: string }) {
  const t = useWords();
  useEffect(() => {
    const heading = document.querySelector<HTMLElement>('main h1');
    if (!heading || document.querySelector('main')?.contains(document.activeElement)) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }, [screen]);
  useEffect(() => {
    // No child's name in the browser's history: a heading may give another title.
    const heading = document.querySelector<HTMLElement>('main h1');
    const words = heading?.dataset.title ?? heading?.textContent;
    document.title = words ? `${words} · NeuroPlay` : 'NeuroPlay';
  }, [screen, t]);
  return null;
}
