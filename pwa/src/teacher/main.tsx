import { createRoot } from 'react-dom/client';

import './style/teacher.css';
import { Page } from './Page.tsx';
import { readSelf } from './server.ts';
import { followOtherTabs } from './tabs.ts';
import { loadWords } from './words/index.ts';

const root = document.getElementById('root');
if (!root) throw new Error('no #root in the page');

followOtherTabs(() => void readSelf());
// Asked for at once, beside the texts.
void readSelf();
loadWords().then(
  () => createRoot(root).render(<Page />),
  () => {
    // Half of the page came and the texts did not: there is no language to say it in but the page's own line.
    const line = document.getElementById('not-loaded');
    if (line) line.hidden = false;
  },
);
