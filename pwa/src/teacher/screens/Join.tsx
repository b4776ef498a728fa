import { useEffect, useState } from 'react';

import { namesOf } from '../classes.ts';
import { Form, Told, useDoing } from '../parts/Doing.tsx';
import { Screen } from '../parts/Screen.tsx';
import { go } from '../place.ts';
import { reasonOf } from '../refusals.ts';
import { enter, tell, type Answer } from '../server.ts';
import type { Invitation } from '../shapes.ts';
import { momentOf } from '../when.ts';
import { useWords } from '../words/index.ts';
import { LEAST_LENGTH, Passphrase } from './Passphrase.tsx';

/** What an invitation's link opens. */
export function Join({ token }: { token: string }) {
  const t = useWords();
  const [answer, setAnswer] = useState<Answer<Invitation> | null>(null);
  const [looks, setLooks] = useState(0);
  useEffect(() => {
    let over = false;
    void tell<Invitation>('/invitation', { token }).then((found) => {
      if (!over) setAnswer(found);
    });
    return () => {
      over = true;
    };
  }, [token, looks]);
  if (!answer) return <p role="status">{t('loading')}</p>;
  if (answer.kind === 'ok') return <Choose token={token} invitation={answer.value} />;
  if (isOver(answer)) return <Over isCut={isCut(answer)} />;
  return (
    <Screen title={t('join_title')} tab={t('join_title')}>
      <p role="status">{reasonOf(answer, t)}</p>
      <button type="button" onClick={() => setLooks(looks + 1)}>
        {t('again')}
      </button>
    </Screen>
  );
}

/** A program that shows a message may break a long line. */
const isCut = (answer: Answer<unknown>): boolean => answer.kind === 'refused' && answer.code === 'link_unknown';

/** Other refusals say nothing about the link. */
const isOver = (answer: Answer<unknown>): boolean => answer.kind === 'refused' && [404, 410].includes(answer.status);

function Choose({ token, invitation }: { token: string; invitation: Invitation }) {
  const t = useWords();
  const doing = useDoing();
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  const [ended, setEnded] = useState(false);
  if (ended) return <Over />;
  const send = () => {
    if (first !== second) return doing.say(t('passphrases_differ'));
    void doing.run(
      async () => {
        const answer = await enter('/join', { token, passphrase: first });
        if (isOver(answer)) setEnded(true);
        return answer;
      },
      () => {
        // The token leaves the address and the history with it.
        go({ name: 'overview' }, { instead: true });
        return null;
      },
    );
  };
  return (
    <div className="narrow">
      <Screen title={t('join_hello', { name: invitation.name })} about={t(invitation.returning ? 'join_returning' : 'join_about')} help="first-day" tab={t('join_title')}>
        <p>{invitation.role === 'school' ? t('join_school') : namesOf(invitation.classes, t)}</p>
        <Form onSend={send} label={t('join_title')}>
          {/* For the browser's keeper of passwords. */}
          <input type="text" name="username" autoComplete="username" value={invitation.name} readOnly className="hidden" tabIndex={-1} aria-hidden="true" />
          <Passphrase label={t('passphrase_new')} hint={t('passphrase_hint', { n: LEAST_LENGTH })} value={first} onChange={setFirst} autoComplete="new-password" />
          <Passphrase label={t('passphrase_twice')} value={second} onChange={setSecond} autoComplete="new-password" />
          <button className="main" disabled={doing.busy}>
            {t('join_go')}
          </button>
          <Told doing={doing} />
        </Form>
        <p className="hint">{t('join_until', { moment: momentOf(invitation.expires_at, t.tag) })}</p>
      </Screen>
    </div>
  );
}

/** Used before, too old, or not whole: nothing to be ashamed of. */
function Over({ isCut = false }: { isCut?: boolean }) {
  const t = useWords();
  return (
    <div className="narrow">
      <Screen title={t(isCut ? 'join_cut' : 'join_over')} about={t(isCut ? 'join_cut_about' : 'join_over_about')} help="sign-in" tab={t('join_title')}>
        <button type="button" className="main" onClick={() => go({ name: 'overview' }, { instead: true })}>
          {t('sign_in')}
        </button>
      </Screen>
    </div>
  );
}
