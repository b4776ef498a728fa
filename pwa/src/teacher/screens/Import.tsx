import { useRef, useState } from 'react';

import { doubtOf, whyOf } from '../roster_words.ts';
import { Choice, Form, Told, useDoing } from '../parts/Doing.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import { tell } from '../server.ts';
import type { Counts, OwnClass, Preview, RosterLine } from '../shapes.ts';
import { useWords, type Key, type Translate } from '../words/index.ts';

type Order = '' | 'first-last' | 'last-first';

interface Source {
  name: string;
  content?: string;
  text?: string;
  order?: Exclude<Order, ''>;
}

/** A list of children: what each line would become, and only then the import. */
export function ImportRoster({ classId, others, onApplied }: { classId: number; others: OwnClass[]; onApplied(): void }) {
  const t = useWords();
  const doing = useDoing();
  const file = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [order, setOrder] = useState<Order>('');
  const [seen, setSeen] = useState<{ source: Source; preview: Preview } | null>(null);
  const preview = () => {
    const chosen = file.current?.files?.[0];
    if (!chosen && !text.trim()) return doing.say(t('import_nothing'));
    void doing.run(
      async () => {
        const source: Source = {
          ...(chosen ? { name: chosen.name, content: await base64Of(chosen) } : { name: t('import_pasted'), text }),
          ...(order && { order }),
        };
        const answer = await tell<Preview>(`/classes/${classId}/roster/preview`, source);
        return answer.kind === 'ok' ? { kind: 'ok' as const, value: { source, preview: answer.value } } : answer;
      },
      (found) => {
        setSeen(found);
        // Children who are not in the list have no line in it.
        return t('import_seen', { n: found.preview.lines.filter(({ line }) => line !== null).length });
      },
    );
  };
  const changed = () => setSeen(null);
  return (
    <>
      <p>{t('import_text')}</p>
      <Form onSend={preview} label={t('import_title')}>
        <div className="field">
          <label htmlFor="roster-file">{t('import_file')}</label>
          <input id="roster-file" type="file" ref={file} accept=".csv,.tsv,.txt,.zip,text/csv,text/plain,application/zip" onChange={changed} />
        </div>
        <div className="field">
          <label htmlFor="roster-text">{t('import_paste')}</label>
          <textarea
            id="roster-text"
            rows={6}
            value={text}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => {
              setText(event.currentTarget.value);
              changed();
            }}
          />
        </div>
        <Choice
          label={t('import_order')}
          value={order}
          options={[
            ['', t('order_found')],
            ['first-last', t('order_first_last')],
            ['last-first', t('order_last_first')],
          ]}
          onChange={(value) => {
            setOrder(value);
            changed();
          }}
        />
        <button disabled={doing.busy}>{t('import_preview')}</button>
        <Told doing={doing} />
      </Form>
      {seen && (
        <Seen
          key={seen.preview.preview_id}
          classId={classId}
          others={others}
          {...seen}
          onApplied={(counts) => {
            setSeen(null);
            setText('');
            if (file.current) file.current.value = '';
            void doing.run(
              () => Promise.resolve({ kind: 'ok' as const, value: null }),
              () => counts,
            );
            onApplied();
          }}
        />
      )}
    </>
  );
}

const BECOMES: Record<keyof Counts, Key> = {
  added: 'becomes_added',
  kept: 'becomes_kept',
  changed: 'becomes_changed',
  gone: 'becomes_gone',
  moved: 'becomes_moved',
  bad: 'becomes_bad',
  skipped: 'becomes_skipped',
};

export const countsOf = (counts: Counts, t: Translate): string =>
  (Object.keys(BECOMES) as (keyof Counts)[])
    .filter((one) => counts[one])
    .map((one) => `${t(BECOMES[one])}: ${counts[one]}`)
    .join(' · ');

interface SeenProps {
  classId: number;
  others: OwnClass[];
  source: Source;
  preview: Preview;
  onApplied(counts: string): void;
}

function Seen({ classId, others, source, preview, onApplied }: SeenProps) {
  const t = useWords();
  const doing = useDoing();
  const [goneTo, setGoneTo] = useState('');
  const apply = () =>
    void doing.run(
      () =>
        tell<{ import_id: number; counts: Preview['counts'] }>(`/classes/${classId}/roster/apply`, {
          ...source,
          preview_id: preview.preview_id,
          ...(goneTo && { gone_to: Number(goneTo) }),
        }),
      ({ counts }) => {
        onApplied(t('import_done', { counts: countsOf(counts, t) }));
        return null;
      },
    );
  return (
    <div className="seen">
      <h3>{t('preview_title')}</h3>
      <p>{countsOf(preview.counts, t)}</p>
      {!preview.can_apply && <p className="told bad">{t('import_cannot')}</p>}
      {preview.doubts.length > 0 && (
        <ul className="note">
          {preview.doubts.map((doubt) => (
            <li key={doubt.code}>{doubtOf(doubt, t)}</li>
          ))}
        </ul>
      )}
      <Table caption={t('preview_title')} columns={columns(t)} rows={preview.lines} keyOf={(line) => `${line.line} ${line.student_id ?? line.nickname}`} file={[t('preview_title')]} none={t('import_empty')} />
      {preview.can_apply && (
        <Form onSend={apply} label={t('import_apply')}>
          {Boolean(preview.counts.gone) && others.length > 0 && (
            <Choice
              label={t('gone_to')}
              value={goneTo}
              options={[['', t('gone_stay')], ...others.map(({ id, name }) => [String(id), t('gone_move', { name })] as const)]}
              onChange={setGoneTo}
            />
          )}
          <button className="main" disabled={doing.busy}>
            {t('import_apply')}
          </button>
          <Told doing={doing} />
        </Form>
      )}
    </div>
  );
}

const columns = (t: Translate): Column<RosterLine>[] => [
  { id: 'line', head: t('line'), value: ({ line }) => line },
  { id: 'becomes', head: t('becomes'), value: ({ becomes }) => t(BECOMES[becomes]), cell: ({ becomes }) => <span className={`becomes ${becomes}`}>{t(BECOMES[becomes])}</span> },
  { id: 'nickname', head: t('nickname'), value: ({ nickname }) => nickname },
  { id: 'was', head: t('was'), value: ({ was }) => was ?? null },
  { id: 'why', head: t('why'), value: (line) => whyOf(line, t) },
];

async function base64Of(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  // In pieces: all at once would be more arguments than a call may have.
  for (let start = 0; start < bytes.length; start += 0x8000) binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(binary);
}
