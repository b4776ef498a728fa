import type { ReactNode } from 'react';

import { CLASS_TABS, type ClassTab } from '../place.ts';
import { useWords, type Key } from '../words/index.ts';
import { Link } from './Link.tsx';

const TAB_WORDS: Record<ClassTab, Key> = {
  class: 'tab_class',
  tablets: 'tab_tablets',
  held: 'tab_held',
  cards: 'tab_cards',
  roster: 'tab_roster',
  settings: 'tab_settings',
};

/** A screen of a class, below the way to its others. */
export function InClass({ classId, name, tab, children }: { classId: number; name: string; tab?: ClassTab; children: ReactNode }) {
  const t = useWords();
  return (
    <>
      <nav className="class-tabs" aria-label={t('tabs_label', { name })}>
        <strong className="class-name">{name}</strong>
        {CLASS_TABS.map((one) => (
          <Link key={one} to={{ name: one, classId }} current={one === tab}>
            {t(TAB_WORDS[one])}
          </Link>
        ))}
      </nav>
      {children}
    </>
  );
}
