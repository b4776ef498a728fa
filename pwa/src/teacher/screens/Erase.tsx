import { useState } from 'react';

import { Field, Form, Told, useDoing } from '../parts/Doing.tsx';
import { tell } from '../server.ts';
import type { Child, Receipt } from '../shapes.ts';
import { momentOf } from '../when.ts';
import { useWords } from '../words/index.ts';

/** Cannot be undone, so the nickname is typed again. */
export function Erase({ student, onErased }: { student: Child; onErased(receipt: Receipt): void }) {
  const t = useWords();
  const doing = useDoing();
  const [typed, setTyped] = useState('');
  const send = () => {
    if (typed.trim() !== student.nickname) return doing.say(t('erase_differs', { name: student.nickname }));
    void doing.run(
      () => tell<Receipt>(`/students/${student.id}/erase`, { nickname: typed.trim() }),
      (made) => {
        onErased(made);
        return null;
      },
    );
  };
  return (
    <section className="paper danger">
      <h2>{t('erase_title')}</h2>
      <p>{t('erase_text', { name: student.nickname })}</p>
      <Form onSend={send} label={t('erase_title')}>
        <Field label={t('erase_type', { name: student.nickname })} value={typed} onChange={setTyped} required maxLength={40} />
        <button disabled={doing.busy}>{t('erase_go')}</button>
        <Told doing={doing} />
      </Form>
    </section>
  );
}

export function ReceiptPaper({ receipt }: { receipt: Receipt }) {
  const t = useWords();
  const rows = typeof receipt.rows === 'number' ? receipt.rows : Object.values(receipt.rows).reduce((sum, n) => sum + n, 0);
  return (
    <section className="paper" role="status">
      <p>{t('receipt_text', { id: String(receipt.student_id), moment: momentOf(receipt.erased_at, t.tag), n: rows })}</p>
      <p>{t('receipt_backups')}</p>
      <p className="actions">
        <button type="button" onClick={() => print()}>
          {t('print')}
        </button>
      </p>
    </section>
  );
}
