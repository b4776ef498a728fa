import { useEffect, useRef, useState } from 'react';

import { useWords } from '../../i18n/index.ts';
import { Neo } from '../../ui/art/Neo.tsx';
import { PaperButton, TopBar } from '../../ui/PaperButton.tsx';
import { enter } from '../actions.ts';
import { ALPHABET, CARD_LENGTH, CLASS_LENGTH, normalise } from '../card.ts';
import { go } from '../navigation.ts';
import { current, useApp, type Card, type CardProblem } from '../state.ts';
import { CardScanner } from './CardScanner.tsx';

const LENGTH = CLASS_LENGTH + CARD_LENGTH;

/** Card entry: by the camera where the browser can, else with big keys; a keyboard, a paste and a
 * barcode scanner work too. */
export function CardEntry({ scanned, first }: { scanned?: Card | undefined; first?: CardProblem | undefined }) {
  const t = useWords();
  const app = useApp();
  const [typed, setTyped] = useState(scanned ? scanned.classCode + scanned.cardCode : '');
  const [problem, setProblem] = useState<CardProblem | null>(first ?? null);
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const whole = typed.length === LENGTH;

  useEffect(() => {
    // Touch has the big keys; a mouse means that there is a keyboard too.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus();
  }, []);

  const type = (text: string) => {
    setProblem(null);
    setTyped(normalise(text).slice(0, LENGTH));
  };

  const signIn = async ({ classCode, cardCode }: Card) => {
    setBusy(true);
    const result = await enter(classCode, cardCode);
    setBusy(false);
    if (result.kind !== 'in') setProblem(result);
  };
  const submit = async () => {
    if (whole && !busy) await signIn({ classCode: typed.slice(0, CLASS_LENGTH), cardCode: typed.slice(CLASS_LENGTH) });
  };

  const back = () => go({ name: current(app) ? 'home' : 'who' });
  return (
    <form
      className="card-entry"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <TopBar title={t('card_title')} onBack={back} backLabel={t('card_back')} />
      <CardScanner
        onCard={(card) => {
          type(card.classCode + card.cardCode);
          void signIn(card);
        }}
      />
      <div className="paper card-paper">
        <Neo mood={problem ? 'think' : busy ? 'run' : 'idle'} size={84} />
        <div className="card-slots" onClick={() => field.current?.focus()}>
          <Slots label={t('card_class')} letters={typed.slice(0, 5)} from={0} at={typed.length} />
          <div className="card-own">
            <Slots label={t('card_own')} letters={typed.slice(5, 10)} from={5} at={typed.length} />
            <Slots label="" letters={typed.slice(10, 15)} from={10} at={typed.length} />
          </div>
          <input
            ref={field}
            className="card-field"
            aria-label={`${t('card_class')} + ${t('card_own')}`}
            value={typed}
            onChange={(event) => type(event.target.value)}
            inputMode="none"
            autoCapitalize="characters"
            autoComplete="off"
            spellCheck={false}
            data-testid="card-field"
          />
        </div>
      </div>
      <p className="card-problem" role="alert">
        {problem?.kind === 'wrong' && t('card_wrong')}
        {problem?.kind === 'class-ended' && t('card_class_ended')}
        {problem?.kind === 'offline' && t('card_offline')}
        {problem?.kind === 'too-many' && t('card_too_many', { n: Math.ceil(problem.seconds) })}
        {busy && t('card_busy')}
      </p>
      <div className="card-keys">
        {[...ALPHABET].map((key) => (
          <button key={key} type="button" className="key" onClick={() => type(typed + key)} disabled={whole}>
            {key}
          </button>
        ))}
        <button type="button" className="key key-erase" aria-label={t('card_erase')} onClick={() => type(typed.slice(0, -1))}>
          ⌫
        </button>
      </div>
      <PaperButton kind="main" sign="play" type="submit" onPress={() => undefined} disabled={!whole || busy} testId="card-go">
        {t('card_go')}
      </PaperButton>
    </form>
  );
}

function Slots({ label, letters, from, at }: { label: string; letters: string; from: number; at: number }) {
  return (
    <div className="slots" aria-hidden="true">
      <span className="soft small">{label || '\u00a0'}</span>
      <div>
        {Array.from({ length: 5 }, (_, index) => (
          <span key={index} className={`slot${at === from + index ? ' next' : ''}`}>
            {letters[index] ?? ''}
          </span>
        ))}
      </div>
    </div>
  );
}
