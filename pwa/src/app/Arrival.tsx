import { useEffect } from 'react';

import { useWords } from '../i18n/index.ts';

/** Put behind a screen's content: when that is there, the page's title says where one is, and the
 * focus is at its heading, so that a screen reader tells of the change and Tab goes on from there. */
export function Arrival({ screen }: { screen: string }) {
  const t = useWords();
  useEffect(() => {
    const heading = document.querySelector<HTMLElement>('main h1');
    if (!heading || document.querySelector('main')?.contains(document.activeElement)) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }, [screen]);
  useEffect(() => {
    // A child's name stays out of the browser's history: a heading may bring words of its own.
    const heading = document.querySelector<HTMLElement>('main h1');
    const words = heading?.dataset.title ?? heading?.textContent;
    document.title = words ? `${words} · NeuroPlay` : 'NeuroPlay';
  }, [screen, t]);
  return null;
}
