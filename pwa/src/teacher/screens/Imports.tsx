import { useRef, useState } from 'react';

import { useLive } from '../live.ts';
import { Told, useDoing } from '../parts/Doing.tsx';
import { tell } from '../server.ts';
import type { Import, Imports, Undone } from '../shapes.ts';
import { momentOf } from '../when.ts';
import { useWords } from '../words/index.ts';
import { countsOf } from './Import.tsx';

/** The imports of the last thirty days, each of which can be undone. */
export function ImportsSection({ classId, onUndone }: { classId: number; onUndone(): void }) {
  const t = useWords();
  const live = useLive<Imports>(`/classes/${classId}/imports`);
  const [told, setTold] = useState('');
  const place = useRef<HTMLParagraphElement>(null);
  const imports = live.value?.imports ?? [];
  if (!imports.length) return null;
  return (
    <section>
      <h3>{t('imports_title')}</h3>
      <p>{t('imports_text')}</p>
      <p className="told good" role="status" tabIndex={-1} ref={place}>
        {told}
      </p>
      <ul className="imports">
        {imports.map((one) => (
          <li key={one.id}>
            <Undo
              one={one}
              onUndone={(text) => {
                setTold(text);
                // The button that had it goes.
                place.current?.focus();
                live.again();
                onUndone();
              }}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Undo({ one, onUndone }: { one: Import; onUndone(told: string): void }) {
  const t = useWords();
  const doing = useDoing();
  const [isAsked, ask] = useState(false);
  const undo = () =>
    void doing.run(
      () => tell<Undone>(`/imports/${one.id}/undo`),
      ({ left }) => {
        onUndone(left.length ? t('undone_left', { names: left.map(({ nickname }) => nickname).join(', ') }) : t('undone'));
        return null;
      },
    );
  return (
    <>
      <p>
        <strong>{momentOf(one.at, t.tag)}</strong> · {countsOf(one.counts, t)}
      </p>
      {one.undone_at ? (
        <p className="soft">{t('undone_at', { moment: momentOf(one.undone_at, t.tag) })}</p>
      ) : (
        one.can_undo &&
        (isAsked ? (
          <>
            <p role="status">{t('undo_sure')}</p>
            <p className="actions">
              <button type="button" onClick={undo} disabled={doing.busy}>
                {t('undo_yes')}
              </button>
              {/* Where the keyboard goes on, now that the button that asked is gone. */}
              <button type="button" autoFocus onClick={() => ask(false)} disabled={doing.busy}>
                {t('undo_no')}
              </button>
            </p>
          </>
        ) : (
          <button type="button" onClick={() => ask(true)}>
            {t('undo')}
          </button>
        ))
      )}
      <Told doing={doing} />
    </>
  );
}
