import { useEffect, useState } from 'react';

import { Screen } from '../parts/Screen.tsx';
import { useWords, type Language } from '../words/index.ts';

/** docs/teachers.*.md, made HTML by the build (build/markdown.ts). */
const TEXTS = import.meta.glob<string>('../../../../docs/teachers.*.md', { import: 'default' });

export function Help() {
  const t = useWords();
  const [text, setText] = useState<{ tag: Language; html: string } | 'missing' | null>(null);
  useEffect(() => {
    let over = false;
    TEXTS[`../../../../docs/teachers.${t.tag}.md`]!().then(
      (html) => {
        if (!over) setText({ tag: t.tag, html });
      },
      () => {
        if (!over) setText('missing');
      },
    );
    return () => {
      over = true;
    };
  }, [t.tag]);
  useEffect(() => {
    // The part that a link asked for came after the page.
    if (text && location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [text]);
  return (
    <Screen title={t('help_title')} tab={t('nav_help')}>
      {text === null && <p role="status">{t('loading')}</p>}
      {text === 'missing' && <p role="status">{t('away')}</p>}
      {text && text !== 'missing' && <article className="help" lang={text.tag} dangerouslySetInnerHTML={{ __html: text.html }} />}
    </Screen>
  );
}
