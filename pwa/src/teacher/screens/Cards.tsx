import { useEffect, useState } from 'react';

import { Avatar, colourOf } from '../../ui/art/Avatar.tsx';
import { useLive } from '../live.ts';
import { Loaded, Screen } from '../parts/Screen.tsx';
import { QrCode } from '../parts/QrCode.tsx';
import type { Card, Cards as CardsAnswer } from '../shapes.ts';
import { useWords } from '../words/index.ts';

export function Cards({ classId }: { classId: number }) {
  const t = useWords();
  const live = useLive<CardsAnswer>(`/classes/${classId}/cards`);
  const local = (live.value?.cards ?? []).map(whereTo).find((url) => LOCAL.test(url));
  // Cards of one child, or all of them: a new object for each press, so that the same card prints twice.
  const [printing, setPrinting] = useState<{ only: number | null } | null>(null);
  useEffect(() => {
    if (printing) print();
  }, [printing]);
  return (
    <div className="on-cards">
      <Screen title={t('tab_cards')} about={t('cards_about')} help="cards" tab={t('tab_cards')}>
        <p className="actions">
          <button type="button" className="main" onClick={() => setPrinting({ only: null })}>
            {t('cards_print')}
          </button>
        </p>
        <p className="note">{t('cards_keep')}</p>
        {local && <p className="note">{t('cards_local', { url: local })}</p>}
        <Loaded live={live}>
          {({ class: own, cards }) =>
            cards.length === 0 ? (
              <p>{t('class_empty')}</p>
            ) : (
              <ul className={`cards ${printing?.only ? 'one' : ''}`}>
                {byName(cards, t.tag).map((card) => (
                  <li key={card.student_id} className={printing?.only === card.student_id ? 'printed' : undefined}>
                    <PaperCard card={card} own={own} />
                    <button type="button" className="plain" onClick={() => setPrinting({ only: card.student_id })}>
                      {t('card_print')}
                      <span className="hidden">: {card.nickname}</span>
                    </button>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </Screen>
    </div>
  );
}

const byName = (cards: readonly Card[], tag: string) => [...cards].sort((one, other) => one.nickname.localeCompare(other.nickname, tag, { numeric: true }));

/** Where the codes can be typed. */
const whereTo = ({ address }: Card): string => address.split('/#')[0]!;

/** What other machines do not reach. */
const LOCAL = /^https?:\/\/(localhost|127\.[\d.]+|\[::1\])(:|$)/;

/** Codes in groups of five, as children type them. */
const fives = (code: string) => code.replace(/(.{5})(?=.)/g, '$1 ');

function PaperCard({ card, own }: { card: Card; own: { name: string; code: string } }) {
  const t = useWords();
  return (
    <article className="card" aria-label={card.nickname}>
      <div className="card-who">
        <Avatar id={card.avatar} colour={colourOf(card.student_id)} size={64} />
        <div>
          <h2>{card.nickname}</h2>
          <p>{own.name}</p>
        </div>
      </div>
      <dl>
        <div>
          <dt>{t('card_class')}</dt>
          <dd>{fives(own.code)}</dd>
        </div>
        <div>
          <dt>{t('card_own')}</dt>
          <dd>{fives(card.card_code)}</dd>
        </div>
      </dl>
      <p className="card-where">{t('card_open', { url: whereTo(card) })}</p>
      <QrCode content={card.address} />
    </article>
  );
}

/** The address that signs in has both codes. */
const classCodeOf = ({ address }: Card) => /#card=(\w+)-/.exec(address)?.[1] ?? '';

/** A card that was just made, to print. */
export function NewCard({ card, className }: { card: Card; className: string }) {
  const t = useWords();
  return (
    <>
      <ul className="cards">
        <li>
          <PaperCard card={card} own={{ name: className, code: classCodeOf(card) }} />
        </li>
      </ul>
      <button type="button" onClick={() => print()}>
        {t('card_print')}
      </button>
    </>
  );
}
