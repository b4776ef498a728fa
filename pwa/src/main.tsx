import { createRoot } from 'react-dom/client';

import './ui/style.css';
import './ui/art/art.css';
import { App } from './app/App.tsx';
import { Mishap } from './app/Mishap.tsx';
import { showSomething, start } from './app/start.ts';
import { firstWords } from './i18n/index.ts';

const root = document.getElementById('root');
if (!root) throw new Error('no #root in the page');
const page = createRoot(root);
// Once installed, the fonts are on the tablet: ask for them before the first text does. At a first visit
// they come after the app, which they would hold up.
if (navigator.serviceWorker?.controller) {
  for (const name of ['Baloo 2', 'Atkinson Hyperlegible Next']) void document.fonts.load(`1em "${name} Variable"`);
}
// If the start fails, a child can still choose who plays or show a card.
start().catch(showSomething);
void firstWords().then(() =>
  page.render(
    <Mishap>
      <App />
    </Mishap>,
  ),
);
