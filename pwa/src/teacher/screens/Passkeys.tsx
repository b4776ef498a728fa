import { useEffect, useRef, useState } from 'react';

import { Field, Form, Told, useDoing } from '../parts/Doing.tsx';
import { LONGEST_PASSKEY_NAME, MOST_PASSKEYS } from '../limits.ts';
import { canOfferInField, hasPasskeys, makePasskey, signWithPasskey, workHere } from '../passkeys.ts';
import { enter, readSelf, tell, type Answer } from '../server.ts';
import type { NewPasskeyChallenge, Passkey, PasskeyChallenge, Self } from '../shapes.ts';
import { dayOf } from '../when.ts';
import { useWords } from '../words/index.ts';
import { Passphrase } from './Passphrase.tsx';

/** The own passkeys. Where neither the address nor the browser has any, there is nothing of them. */
export function OwnPasskeys({ self }: { self: Self }) {
  const t = useWords();
  const removing = useDoing();
  const canAdd = workHere(self.passkeys_at);
  if (!canAdd && !self.passkeys.length) return null;
  const remove = (one: Passkey) =>
    void removing.run(
      () => tell(`/passkeys/${one.id}`, {}, 'DELETE'),
      () => {
        void readSelf();
        return t('passkey_removed', { name: one.name });
      },
    );
  return (
    <section>
      <h2>{t('passkeys')}</h2>
      <p>{t('passkeys_text')}</p>
      <ul className={self.passkeys.length ? 'passkeys' : undefined}>
        {self.passkeys.map((one) => (
          <li key={one.id}>
            <p>
              <strong>{one.name}</strong>
              <br />
              <span className="soft">
                {t('passkey_added_on', { day: dayOf(one.created_at, t.tag) })}{' '}
                {one.last_used ? t('passkey_used_on', { day: dayOf(one.last_used, t.tag) }) : t('passkey_unused')}
              </span>
            </p>
            <button type="button" onClick={() => remove(one)} disabled={removing.busy}>
              {t('passkey_remove')}
              <span className="hidden">: {one.name}</span>
            </button>
          </li>
        ))}
      </ul>
      <Told doing={removing} />
      {canAdd && self.passkeys.length < MOST_PASSKEYS && <NewPasskey name={self.adult.name} />}
    </section>
  );
}

function NewPasskey({ name }: { name: string }) {
  const t = useWords();
  const doing = useDoing();
  const [device, setDevice] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const send = () =>
    void doing.run(
      async () => {
        const asked = await tell<NewPasskeyChallenge>('/passkeys/challenge', { passphrase });
        if (asked.kind !== 'ok') return asked;
        const made = await makePasskey(asked.value);
        return 'kind' in made ? made : tell<Passkey>('/passkeys', { ...made, name: device.trim() });
      },
      (added) => {
        setDevice('');
        setPassphrase('');
        void readSelf();
        return t('passkey_added', { name: added.name });
      },
    );
  return (
    <Form onSend={send} label={t('passkey_add')}>
      <input type="text" name="username" autoComplete="username" value={name} readOnly className="hidden" tabIndex={-1} aria-hidden="true" />
      <Field label={t('passkey_name')} hint={t('passkey_name_hint')} value={device} onChange={setDevice} required maxLength={LONGEST_PASSKEY_NAME} />
      <Passphrase label={t('passphrase')} hint={t('passkey_passphrase_hint')} value={passphrase} onChange={setPassphrase} autoComplete="current-password" />
      <button disabled={doing.busy}>{t('passkey_add')}</button>
      <Told doing={doing} />
    </Form>
  );
}

/** Below the ten minutes for which a challenge is valid. */
const RENEWED_EVERY_MS = 8 * 60_000;

const newChallenge = (): Promise<Answer<PasskeyChallenge>> => tell<PasskeyChallenge>('/sign-in/passkey/challenge');

/** Offered by a button, and until it is pressed by the list of the name's field, in browsers that have that. */
export function PasskeySignIn() {
  const t = useWords();
  const doing = useDoing();
  const [offered, setOffered] = useState(false);
  const [round, setRound] = useState(0);
  const inField = useRef<AbortController>(null);
  const run = useRef(doing.run);
  useEffect(() => {
    run.current = doing.run; // with the words of the language that is chosen by then
  });
  useEffect(() => {
    if (!hasPasskeys()) return undefined;
    const stop = new AbortController();
    inField.current = stop;
    void (async () => {
      const asked = await newChallenge();
      const isHere = asked.kind === 'ok' && workHere(asked.value.origin);
      if (isHere) setOffered(true);
      if (!isHere || !(await canOfferInField()) || stop.signal.aborted) return;
      const signed = await signWithPasskey(asked.value, stop.signal);
      if ('kind' in signed || stop.signal.aborted) return;
      await run.current(
        () => enter('/sign-in/passkey', signed),
        () => null,
      );
    })();
    const renewal = setTimeout(() => setRound((before) => before + 1), RENEWED_EVERY_MS);
    return () => {
      stop.abort();
      clearTimeout(renewal);
    };
  }, [round]);
  const press = () => {
    inField.current?.abort(); // a browser asks for one at a time
    void doing.run(
      async () => {
        const asked = await newChallenge();
        if (asked.kind !== 'ok') return asked;
        const signed = await signWithPasskey(asked.value);
        return 'kind' in signed ? signed : enter('/sign-in/passkey', signed);
      },
      () => null,
    );
  };
  if (!offered) return null;
  return (
    <Form onSend={press} label={t('passkey_sign_in')}>
      <button disabled={doing.busy}>{t('passkey_sign_in')}</button>
      <Told doing={doing} />
    </Form>
  );
}
