import { StrictMode } from 'react';
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
// If the start fails, a child can still choose who plays or show a card.
start().catch(showSomething);
void firstWords().then(() =>
  page.render(
    <StrictMode>
      <Mishap>
        <App />
      </Mishap>
    </StrictMode>,
  ),
);
