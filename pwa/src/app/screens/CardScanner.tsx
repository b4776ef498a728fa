import { useEffect, useRef, useState } from 'react';

import { useWords } from '../../i18n/index.ts';
import { PaperButton } from '../../ui/PaperButton.tsx';
import { canScan, scanCard } from '../scanner.ts';
import type { Card } from '../state.ts';

/** Offers the camera where the browser can read QR codes; nothing where it cannot. */
export function CardScanner({ onCard }: { onCard(card: Card): void }) {
  const t = useWords();
  const [able, setAble] = useState(false);
  const [state, setState] = useState<'closed' | 'open' | 'refused'>('closed');
  const video = useRef<HTMLVideoElement>(null);

  useEffect(() => {
    void canScan().then(setAble);
  }, []);

  useEffect(() => {
    if (state !== 'open' || !video.current) return undefined;
    const stop = new AbortController();
    scanCard(video.current, stop.signal).then(
      (card) => {
        if (stop.signal.aborted) return;
        setState('closed');
        if (card) onCard(card);
      },
      () => !stop.signal.aborted && setState('refused'),
    );
    return () => stop.abort();
    // The camera stays open while the card entry renders again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [state]);

  if (!able) return null;
  return (
    <div className="scanner">
      {state === 'open' && <video ref={video} className="scanner-picture paper" playsInline muted aria-label={t('scan_hold')} />}
      {state === 'refused' && <p role="alert">{t('scan_refused')}</p>}
      <PaperButton
        kind={state === 'open' ? 'plain' : 'main'}
        sign={state === 'open' ? 'back' : 'camera'}
        onPress={() => setState(state === 'open' ? 'closed' : 'open')}
        testId="scan"
      >
        {t(state === 'open' ? 'scan_close' : 'scan_open')}
      </PaperButton>
      {state === 'open' && <p className="soft">{t('scan_hold')}</p>}
    </div>
  );
}
