import { momentOf, useWords } from '../../i18n/index.ts';
import type { KnownStudent, OutboxItem } from '../../outbox/store.ts';
import { Neo } from '../../ui/art/Neo.tsx';
import { Sign } from '../../ui/art/Icons.tsx';
import { useApp } from '../state.ts';

/** The line that says where the student's games are. */
export function SafeGames({ student, items }: { student: KnownStudent; items: readonly OutboxItem[] }) {
  const t = useWords();
  const { online, progressIsOld, unsaved, storageAway } = useApp();
  const here = items.length;
  const held = student.me?.sessions.held ?? 0;
  if (unsaved > 0 || storageAway) {
    return (
      <p className="safe" role="alert" data-testid="unsaved">
        <Sign id="box" />
        <span>{t(unsaved > 0 ? 'result_unsaved' : 'storage_away')}</span>
      </p>
    );
  }
  return (
    <p className="safe" role="status" data-testid="safe" data-here={here}>
      {!online ? <Neo mood="sleep" size={48} /> : <Sign id={here ? 'box' : 'check'} />}
      <span>
        {here === 0 ? t('safe_sent') : t('safe_here', { n: here })}
        {here > 0 && student.access === 'expired' && <span className="soft"> · {t('safe_card')}</span>}
        {held > 0 && <span className="soft" data-testid="held"> · {t('safe_held', { n: held })}</span>}
        {!online && <span className="soft"> · {t('safe_offline')}</span>}
        {progressIsOld && student.me && (
          <span className="soft" data-testid="as-of"> · {t('safe_as_of', { when: momentOf(student.meAt) })}</span>
        )}
      </span>
    </p>
  );
}
