import { useEffect, useRef, type ReactNode } from 'react';

import { readSelf, serverNow } from '../server.ts';
import { useNow, type Live } from '../live.ts';
import { ago, clockOf, momentOf } from '../when.ts';
import { useWords, type Key } from '../words/index.ts';
import { Link } from './Link.tsx';

interface Props {
  title: ReactNode;
  /** What the screen shows, in one sentence. */
  about?: string;
  /** The part of the help that is about it. */
  help?: string;
  live?: Live<unknown>;
  children: ReactNode;
  /** The browser's title: never a child's name, which would stay in its history. */
  tab: string;
}

/** A screen with its heading, which has the focus first, so that a screen reader begins there. */
export function Screen({ title, about, help, live, children, tab }: Props) {
  const t = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  useEffect(() => {
    document.title = `${tab} · NeuroPlay`;
  }, [tab]);
  return (
    <>
      <h1 tabIndex={-1} ref={heading}>
        {title}
      </h1>
      {(about || help) && (
        <p className="about">
          {about}{' '}
          {help && (
            <Link to={{ name: 'help' }} part={help} className="to-help">
              {t('help_more')}
              <span className="hidden"> {t('new_tab')}</span>
            </Link>
          )}
        </p>
      )}
      {live && <ReadAt live={live} />}
      {children}
    </>
  );
}

/** When the server said last what the screen shows. */
function ReadAt({ live }: { live: Live<unknown> }) {
  const t = useWords();
  const now = useNow(Date.now);
  if (live.at === undefined) return null;
  const past = ago(live.at, now, t.tag);
  return (
    <p className="read-at">
      <span className="on-screen">{past ? t('read_ago', { ago: past, clock: clockOf(live.at, t.tag) }) : t('read_now')}</span>
      <span className="on-paper">{t('read_at', { moment: momentOf(live.at, t.tag) })}</span>
      <button type="button" className="plain" onClick={live.again}>
        {t('read_again')}
      </button>
    </p>
  );
}

/** What came, or why nothing came. */
export function Loaded<T>({ live, children }: { live: Live<T>; children(value: T): ReactNode }) {
  const t = useWords();
  if (live.refusal?.status === 404) return <NotThere />;
  if (live.value !== undefined) return <>{children(live.value)}</>;
  if (live.refusal) return <p role="status">{t('refused', { why: live.refusal.detail })}</p>;
  return <p role="status">{t('loading')}</p>;
}

/** Somebody may have got a class, or have lost it, since the page asked whose classes are whose. */
export function NotThere() {
  const t = useWords();
  useEffect(() => void readSelf(), []);
  return <p role="status">{t('not_found')}</p>;
}

/** How long ago something was heard; `key_` says what, with `{ago}`. */
export function Ago({ then, none, words, now: nowWords }: { then: string | null; none: Key; words: Key; now: Key }) {
  const t = useWords();
  const now = useNow(serverNow);
  if (then === null) return <span className="fresh never">{t(none)}</span>;
  const past = ago(Date.parse(then), now, t.tag);
  return (
    <time className={`fresh ${freshness(now - Date.parse(then))}`} dateTime={then} title={new Date(then).toLocaleString(t.tag)}>
      {past ? t(words, { ago: past }) : t(nowWords)}
    </time>
  );
}

const HOUR_MS = 60 * 60_000;
const freshness = (age: number) => (Math.abs(age) < HOUR_MS ? 'new' : age < 7 * 24 * HOUR_MS ? 'known' : 'old');

/** When a tablet was last in contact; `brief` where a heading says so already. */
export const Heard = ({ then, brief = false }: { then: string | null; brief?: boolean }) => (
  <Ago then={then} none="heard_never" words={brief ? 'just_ago' : 'heard_ago'} now={brief ? 'just_now' : 'heard_now'} />
);
