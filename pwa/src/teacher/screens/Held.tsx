import { useRef, useState } from 'react';

import { gameName } from '../games.ts';
import { LONGEST_REASON } from '../limits.ts';
import { useLive, type Live } from '../live.ts';
import { Field, Form, Told, useDoing } from '../parts/Doing.tsx';
import { Loaded, Screen } from '../parts/Screen.tsx';
import { tell } from '../server.ts';
import type { Decision, HeldGame, HeldGames } from '../shapes.ts';
import { durationOf, momentOf } from '../when.ts';
import { useWords, type Key, type Translate } from '../words/index.ts';
import { ChildLink } from './Class.tsx';

export function Held({ classId }: { classId: number }) {
  const t = useWords();
  const live = useLive<HeldGames>(pageOf(classId));
  const [decided, setDecided] = useState<string | null>(null);
  const told = useRef<HTMLParagraphElement>(null);
  const onDecided = (text: string) => {
    setDecided(text);
    // The form that had it goes.
    told.current?.focus();
  };
  return (
    <Screen title={t('tab_held')} about={t('held_about')} help="held" live={live} tab={t('tab_held')}>
      <p className="told good" role="status" tabIndex={-1} ref={told}>
        {decided}
      </p>
      <Loaded live={live}>{({ held }) => (held.length === 0 ? <p>{t('held_none')}</p> : <HeldPage live={live} classId={classId} onDecided={onDecided} />)}</Loaded>
    </Screen>
  );
}

const pageOf = (classId: number, before?: number) => `/classes/${classId}/held${before === undefined ? '' : `?before=${before}`}`;

interface PageProps {
  classId: number;
  onDecided(told: string): void;
}

/** Each page follows the server by itself. */
function Older({ before, ...rest }: PageProps & { before: number }) {
  return <HeldPage live={useLive<HeldGames>(pageOf(rest.classId, before))} {...rest} />;
}

function HeldPage({ live, classId, onDecided }: PageProps & { live: Live<HeldGames> }) {
  const t = useWords();
  const [isOlderShown, showOlder] = useState(false);
  return (
    <Loaded live={live}>
      {({ held, older }) => (
        <>
          <ul className="held">
            {held.map((game) => (
              <li key={game.id} className="paper">
                <HeldOne
                  game={game}
                  onDecided={(told) => {
                    onDecided(told);
                    live.again();
                  }}
                />
              </li>
            ))}
          </ul>
          {older !== null &&
            (isOlderShown ? (
              <Older classId={classId} before={older} onDecided={onDecided} />
            ) : (
              <p className="actions">
                <button type="button" onClick={() => showOlder(true)}>
                  {t('held_older')}
                </button>
              </p>
            ))}
        </>
      )}
    </Loaded>
  );
}

function HeldOne({ game, onDecided }: { game: HeldGame; onDecided(text: string): void }) {
  const t = useWords();
  const doing = useDoing();
  const [reason, setReason] = useState('');
  const decide = (what: 'approve' | 'reject') => {
    // Whoever reads the record later wants to know why.
    if (!reason.trim()) return doing.say(t('held_reason_missing'));
    void doing.run(
      () => tell<Decision>(`/held/${game.id}/${what}`, { reason: reason.trim() }),
      ({ result }) => {
        if (result === 'busy') return t('held_busy');
        onDecided(t(what === 'approve' ? 'held_approved' : 'held_rejected', { name: game.student.nickname }));
        return null;
      },
    );
  };
  const told = [
    game.score !== null && t('points', { n: game.score }),
    game.duration_s !== null && durationOf(game.duration_s, t.tag),
    game.difficulty !== null && t('at_level', { n: game.difficulty }),
    game.accuracy !== null && t('percent_right', { n: Math.round(game.accuracy * 100) }),
  ];
  return (
    <>
      <h2>
        <ChildLink child={game.student} />
      </h2>
      <p>
        <strong>{game.game_type === null ? t('game') : gameName(game.game_type, t.tag)}</strong>
        {game.ended_at && <>, {momentOf(game.ended_at, t.tag)}</>}
      </p>
      <p className="soft">
        {told.filter(Boolean).join(' · ')} · {t('received', { moment: momentOf(game.received_at, t.tag) })}
      </p>
      <ul className="reasons">
        {game.reasons.map((code) => (
          <li key={code}>{reasonWords(code, t)}</li>
        ))}
      </ul>
      <Form onSend={() => decide('approve')} label={t('held_decide', { name: game.student.nickname })}>
        <Field label={t('held_reason')} value={reason} onChange={setReason} maxLength={LONGEST_REASON} />
        <div className="actions">
          <button className="main" disabled={doing.busy}>
            {t('approve')}
          </button>
          <button type="button" disabled={doing.busy} onClick={() => decide('reject')}>
            {t('reject')}
          </button>
        </div>
        <Told doing={doing} />
      </Form>
    </>
  );
}

/** Codes of neuroplay/core/rules/plausibility.py and neighbours.py. */
const REASONS = new Set<string>([
  'more_points_than_the_game',
  'longer_than_a_round',
  'completed_too_soon',
  'longer_than_its_span',
  'accuracy_differs_from_trials',
  'negative_answer_time',
  'more_answers_than_time',
  'inhumanly_fast_answers',
  'identical_answer_times',
  'overlapping_play',
  'copied_trace',
  'seed_played_before',
  'ended_after_it_came',
  'before_first_sign_in',
  'more_play_than_time',
]);

const reasonWords = (code: string, t: Translate): string => (REASONS.has(code) ? t(`reason_${code}` as Key) : code);
