import { useWords } from '../../i18n/index.ts';
import { Neo } from '../../ui/art/Neo.tsx';
import { PaperButton } from '../../ui/PaperButton.tsx';
import { go } from '../navigation.ts';
import { play } from './Before.tsx';

/** The gentle end of a day. Neo sleeps; nothing is locked. */
export function Sleepy({ gameType }: { gameType: string }) {
  const t = useWords();
  return (
    <div className="sleepy">
      <div className="sleepy-night">
        <Neo mood="rest" size={170} />
      </div>
      <h1>{t('sleepy_title')}</h1>
      <p>{t('sleepy_text')}</p>
      <div className="way-on">
        <PaperButton kind="main" sign="home" onPress={() => go({ name: 'home' })} testId="sleepy-home">
          {t('result_home')}
        </PaperButton>
        <PaperButton sign="again" onPress={() => play(gameType)} testId="sleepy-more">
          {t('sleepy_more')}
        </PaperButton>
      </div>
    </div>
  );
}
