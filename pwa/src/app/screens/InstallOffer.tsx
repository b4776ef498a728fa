import { useWords } from '../../i18n/index.ts';
import { PaperButton } from '../../ui/PaperButton.tsx';
import { dismissInstall, install } from '../install.ts';
import { useApp } from '../state.ts';

/** Offered after the first game, once everything is sent: on some systems an installed app has
 * storage of its own, and nothing may be left behind in the browser's. */
export function InstallOffer() {
  const t = useWords();
  const { installBy, hasPlayed, items } = useApp();
  if (!installBy || !hasPlayed || items.length > 0) return null;
  return (
    <aside className="offer" role="status" data-testid="install">
      <span>{t(installBy === 'browser' ? 'install_ask' : 'install_ios')}</span>
      {installBy === 'browser' && (
        <PaperButton kind="main" onPress={() => void install()} testId="install-yes">
          {t('install_yes')}
        </PaperButton>
      )}
      <PaperButton onPress={dismissInstall} testId="install-no">
        {t('install_no')}
      </PaperButton>
    </aside>
  );
}
